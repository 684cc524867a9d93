using System.Globalization;
using MicroSpark.Engine;

namespace MicroSpark.Client;

/// <summary>
/// Follows the jobs of one command and decides when they are worth showing: not in their first 300 ms, then ten times a second at most.
/// </summary>
internal sealed class ProgressWatch : IDisposable
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly IProgressView _view;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Dictionary<JobId, Followed> _running = [];
    private long? _started;
    private int _jobs;
    private int _stages;
    private long _tasks;
    private bool _hidden;

    public ProgressWatch(IProgressView view, TimeProvider time)
    {
        _view = view;
        _time = time;
        _timer = time.CreateTimer(_ => Draw(), null, s_frame, s_frame);
    }

    public void Report(JobProgress progress)
    {
        lock (_gate)
        {
            _started ??= _time.GetTimestamp();
            var since = _running.TryGetValue(progress.Job, out var known) ? known.Since : _time.GetTimestamp();
            if (!progress.Ended)
            {
                _running[progress.Job] = new Followed(progress, since);
                return;
            }

            _running.Remove(progress.Job);
            _jobs++;
            _stages += progress.Stages.Count;
            _tasks += progress.Stages.Sum(stage => (long)stage.TasksDone);
        }
    }

    /// <summary>Ends the display: results follow, on what may be the same screen.</summary>
    public void Hide()
    {
        lock (_gate)
        {
            if (!_hidden)
            {
                _hidden = true;
                _view.Hide();
            }
        }
    }

    /// <summary>What the command's jobs were in all; null when they were too short to be worth a line.</summary>
    public string? Summary()
    {
        lock (_gate)
        {
            if (_started is not { } started || _time.GetElapsedTime(started) is var elapsed && elapsed < s_silence)
            {
                return null;
            }

            return string.Create(CultureInfo.InvariantCulture, $"{Count(_jobs, "job")}, {Count(_stages, "stage")}, {Count(_tasks, "task")} in {elapsed.TotalSeconds:F2} s");
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Hide();
    }

    private static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    private void Draw()
    {
        lock (_gate)
        {
            if (_hidden)
            {
                return;
            }

            var old = _running.Values.Where(job => _time.GetElapsedTime(job.Since) >= s_silence).Select(job => job.Progress).ToArray();
            _view.Show(old);
        }
    }

    private readonly record struct Followed(JobProgress Progress, long Since);
}
