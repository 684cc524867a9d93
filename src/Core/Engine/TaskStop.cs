using MicroSpark.Stopping;

namespace MicroSpark.Engine;

/// <summary>
/// Ends one running task after its cancel, by the mildest means that works: its loops look at once (<see cref="TaskProgress"/>), its thread
/// is interrupted where it waits in user code after one second, and again and again, and after five seconds it is given up.
/// </summary>
internal sealed class TaskStop : IDisposable
{
    /// <summary>How long a cancelled task may wait before its thread is interrupted.</summary>
    public static readonly TimeSpan InterruptAfter = TimeSpan.FromSeconds(1);

    /// <summary>User code may swallow an interrupt, and a thread that is in the engine gets none.</summary>
    public static readonly TimeSpan InterruptAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>How long after its cancel a task is given up.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TaskProgress _progress;
    private readonly TimeProvider _time;
    private readonly Action _giveUp;
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;
    private long _cancelled;
    private bool _over;

    /// <param name="giveUp">Called at most once, on a thread of the clock; it may be called while the task ends.</param>
    public TaskStop(TaskProgress progress, TimeProvider time, CancellationToken cancellation, Action giveUp)
    {
        (_progress, _time, _giveUp) = (progress, time, giveUp);
        _registration = cancellation.UnsafeRegister(static stop => ((TaskStop)stop!).Begin(), this);
    }

    /// <summary>The task has ended. By its thread, when that is in the engine.</summary>
    public void Dispose()
    {
        _registration.Unregister();
        lock (_gate)
        {
            _over = true;
            _timer?.Dispose();
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _cancelled = _time.GetTimestamp();
                _timer = _time.CreateTimer(static stop => ((TaskStop)stop!).GoOn(), this, InterruptAfter, InterruptAgain);
            }
        }
    }

    private void GoOn()
    {
        lock (_gate)
        {
            // Under the lock, so that no interrupt is sent to a task that has ended.
            if (_over)
            {
                return;
            }

            if (_time.GetElapsedTime(_cancelled) < GiveUpAfter)
            {
                _progress.TryInterrupt();
                return;
            }

            _over = true;
            _timer!.Dispose();
        }

        _giveUp();
    }
}
