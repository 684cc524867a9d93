using System.Diagnostics.CodeAnalysis;

namespace MicroSpark.Stopping;

/// <summary>
/// How far one task is, and how it is stopped. The task's thread writes it, any other may read it and stop it. It is stopped in two ways:
/// each loop over user code looks here, and a thread that waits inside user code is interrupted. An interrupt finds only user code:
/// <code>
///            User()                              TryInterrupt(), by another thread
/// engine ─────────────> user code ──────────────────────────────────────────────> interrupted
///    ^                      │                                                          │
///    └──────────────────────┴──── Engine(), or the end of User() ──────────────────────┘
///                                 takes what is pending, so that it never reaches the engine or the next task
/// </code>
/// The engine's locks, waits and files are thus never cut short. Code that says nothing is the engine's.
/// </summary>
internal sealed class TaskProgress : IDisposable
{
    private const int InEngine = 0;
    private const int InUserCode = 1;
    private const int BeingInterrupted = 2;
    private const int Interrupted = 3;

    [ThreadStatic]
    private static TaskProgress? t_current;

    /// <summary>Waited for without patience: that alone takes an interrupt which is pending.</summary>
    private static readonly ManualResetEvent s_never = new(false);

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private LoopEnd? _loops;
    private volatile bool _stopped;
    private volatile bool _wasInterrupted;
    private readonly long _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
    private int _place;
    private long _elements;
    private long _allocated;

    private TaskProgress(TimeProvider time, CancellationToken cancellation)
    {
        (_time, _cancellation) = (time, cancellation);
        Began = time.GetTimestamp();
        _registration = cancellation.UnsafeRegister(static progress => ((TaskProgress)progress!).Stop(), this);
    }

    /// <summary>The calling thread's. A thread that runs no task has one that nobody stops.</summary>
    public static TaskProgress Current => t_current ??= new TaskProgress(TimeProvider.System, CancellationToken.None);

    /// <summary>Makes another progress the calling thread's, while it stands in for a task's own thread.</summary>
    /// <returns>What was the thread's before; null when it had none.</returns>
    public static TaskProgress? Exchange(TaskProgress? progress)
    {
        var before = t_current;
        t_current = progress;
        return before;
    }

    /// <summary>When the task began, as a time stamp of its clock.</summary>
    public long Began { get; }

    /// <summary>
    /// Elements that the task's loops are through with, for any thread: it grows as long as the task gets on. An element that passes
    /// several loops counts in each.
    /// </summary>
    public long Elements => Volatile.Read(ref _elements);

    /// <summary>
    /// Bytes that the task's thread has allocated when its loops last counted, for any thread: only the thread itself can ask for it. What
    /// the task holds is at most that much, and may be less.
    /// </summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>Whether the task is to end.</summary>
    public bool Stopped => _stopped;

    /// <summary>Whether an interrupt was ever sent: what it has hit may be broken, such as a type that was being initialized.</summary>
    public bool WasInterrupted => _wasInterrupted;

    internal long Now => _time.GetTimestamp();

    internal TimeSpan Since(long timestamp, long now) => _time.GetElapsedTime(timestamp, now);

    /// <summary>Begins a task on the calling thread, which disposes it.</summary>
    public static TaskProgress Begin(TimeProvider time, CancellationToken cancellation) => t_current = new TaskProgress(time, cancellation);

    /// <summary>For loops of this task on other threads than its own, such as those of PLINQ: they stop with it, and are never
    /// interrupted.</summary>
    public TaskProgress Helper() => new(_time, _cancellation);

    /// <summary>The end of the task: by the thread that began it.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        ToEngine();
        t_current = null;
    }

    /// <exception cref="OperationCanceledException">The task is to end.</exception>
    public void ThrowIfStopped()
    {
        if (_stopped)
        {
            Throw(_cancellation);
        }
    }

    // Apart, so that the question is inlined.
    [DoesNotReturn]
    private static void Throw(CancellationToken cancellation) => throw new OperationCanceledException(cancellation);

    /// <summary>Notes that elements are done with. By the task's thread.</summary>
    public void Count(long elements)
    {
        Volatile.Write(ref _elements, _elements + elements);

        // 2.5 ns. A thread that stands in for the task's has a count of its own, which says nothing of this one.
        if (Thread.CurrentThread == _thread)
        {
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore);
        }
    }

    /// <summary>Ends the task's loops, as its cancel does, since the process is short of memory. By any thread.</summary>
    public void StopForMemory() => Stop();

    /// <summary>From here to the end of the section the thread is in user code: it may be interrupted where it waits.</summary>
    public Section User()
    {
        var section = new Section(this, Volatile.Read(ref _place) != InEngine);
        ToUserCode();
        return section;
    }

    /// <summary>From here to the end of the section the thread is in the engine, which user code has called.</summary>
    public Section Engine()
    {
        var section = new Section(this, Volatile.Read(ref _place) != InEngine);
        ToEngine();
        return section;
    }

    /// <summary>
    /// Interrupts the thread where it waits, or at its next wait, when it is in user code now. By any thread, any number of times: user
    /// code may swallow one.
    /// </summary>
    /// <returns>Whether the thread was in user code.</returns>
    public bool TryInterrupt()
    {
        if (Interlocked.CompareExchange(ref _place, BeingInterrupted, InUserCode) != InUserCode
            && Interlocked.CompareExchange(ref _place, BeingInterrupted, Interrupted) != Interrupted)
        {
            return false;
        }

        _wasInterrupted = true;
        _thread.Interrupt();
        Volatile.Write(ref _place, Interrupted);
        return true;
    }

    internal void ToUserCode()
    {
        if (Volatile.Read(ref _place) == InEngine)
        {
            Volatile.Write(ref _place, InUserCode);
        }
    }

    internal void ToEngine()
    {
        if (Volatile.Read(ref _place) != InEngine
            && Interlocked.CompareExchange(ref _place, InEngine, InUserCode) != InUserCode)
        {
            TakeInterrupt();
        }
    }

    /// <summary>Loops nest as calls do, so they are a stack.</summary>
    internal LoopEnd? Push(LoopEnd loop)
    {
        loop.Outer = _loops;
        Volatile.Write(ref _loops, loop);
        return loop.Outer;
    }

    internal void Pop(LoopEnd loop) => Volatile.Write(ref _loops, loop.Outer);

    /// <summary>
    /// Ends all loops after the element at work. A loop that begins a run at this moment sees that it is to stop, or its end is lowered
    /// here: it sets its end before it looks, and this thread does the two in the other order.
    /// </summary>
    private void Stop()
    {
        _stopped = true;
        Interlocked.MemoryBarrier();

        // The stack may change meanwhile. A loop that was in the middle of a run before stays below all that come and go.
        for (var loop = Volatile.Read(ref _loops); loop is not null; loop = loop.Outer)
        {
            Volatile.Write(ref loop.End, 0);
        }
    }

    private void TakeInterrupt()
    {
        // Whoever sends one at this moment is waited for: not by a SpinWait, which sleeps, and sleeping is what the interrupt would end.
        // After that nobody sends more.
        while (Interlocked.CompareExchange(ref _place, InEngine, Interrupted) != Interrupted)
        {
            Thread.Yield();
        }

        try
        {
            s_never.WaitOne(0);
        }
        catch (ThreadInterruptedException)
        {
            // The task is cancelled, as its loops see. There is none when it has ended a wait before.
        }
    }

    /// <summary>A stretch of a thread's way, in user code or in the engine. Its end leads back to where the thread was.</summary>
    internal readonly ref struct Section(TaskProgress progress, bool wasUserCode) : IDisposable
    {
        public void Dispose()
        {
            if (wasUserCode)
            {
                progress.ToUserCode();
            }
            else
            {
                progress.ToEngine();
            }
        }
    }
}

/// <summary>The end of a loop's run, which is lowered when the task is to stop.</summary>
internal class LoopEnd
{
    /// <summary>Elements of the run. 0 when there is none, and once the loop is to stop.</summary>
    public int End;

    internal LoopEnd? Outer { get; set; }
}
