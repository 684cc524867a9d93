using MicroSpark.Options;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

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
    private readonly Dictionary<JobId, ShownJob> _running = [];
    private readonly Totals _totals = new();
    private long? _started;
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
            if (!_running.TryGetValue(progress.Job, out var job))
            {
                job = _running[progress.Job] = new ShownJob(_time);
            }

            job.Take(progress);
            if (progress.Ended)
            {
                _running.Remove(progress.Job);
                _totals.Add(progress);
            }
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

    /// <summary>Runs <paramref name="write"/> where bars are drawn, without drawing over it.</summary>
    public void Between(Action write)
    {
        lock (_gate)
        {
            _view.Hide();
            write();
        }
    }

    /// <summary>What the command's jobs were in all; null when they were too short to be worth a line.</summary>
    public string? Summary()
    {
        lock (_gate)
        {
            return _started is { } started && _time.GetElapsedTime(started) is var elapsed && elapsed >= s_silence
                ? _totals.Text(elapsed)
                : null;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Hide();
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_hidden)
            {
                return;
            }

            var shown = _running.Values.Where(static job => job.Age >= s_silence).ToArray();
            try
            {
                _view.Show(
                    [.. shown.SelectMany(static job => job.Lines())],
                    [.. shown.Select(static job => job.Progress).Where(static progress => progress.IsQueued || progress.NoWorker)]);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The log is full or closed. That is no reason to end the program, which it would be on a thread of the clock.
                _hidden = true;
            }
        }
    }

    /// <summary>One job, with when each of its stages was first seen and how far it was then.</summary>
    private sealed class ShownJob(TimeProvider time)
    {
        private readonly Dictionary<LineageId, (long Since, int Done)> _seen = [];
        private readonly long _since = time.GetTimestamp();
        private JobProgress? _progress;

        public JobProgress Progress => _progress!;

        public TimeSpan Age => time.GetElapsedTime(_since);

        public void Take(JobProgress progress)
        {
            _progress = progress;
            foreach (var stage in progress.Stages)
            {
                _seen.TryAdd(stage.Output, (time.GetTimestamp(), stage.TasksDone));
            }
        }

        public IEnumerable<StageLine> Lines() => _progress!.Stages.Where(stage => stage.TasksTotal > 0).Select(stage =>
        {
            var (since, before) = _seen[stage.Output];
            var seconds = time.GetElapsedTime(since).TotalSeconds;
            double? rate = stage.TasksDone > before && seconds > 0 ? (stage.TasksDone - before) / seconds : null;
            return new StageLine(
                _progress.Job, _progress.Name, stage, rate, rate is { } perSecond ? TimeSpan.FromSeconds(
                    (stage.TasksTotal - stage.TasksDone) / perSecond) : null);
        });
    }

    private sealed class Totals
    {
        private int _jobs;
        private int _stages;
        private long _tasks;
        private TaskTraffic _traffic;
        private long _retries;

        public void Add(JobProgress job)
        {
            _jobs++;
            _stages += job.Stages.Count;
            foreach (var stage in job.Stages)
            {
                _tasks += stage.TasksDone;
                _traffic += stage.Traffic;
                _retries += stage.Retries;
            }
        }

        public string Text(TimeSpan elapsed) =>
            $"{Units.Count(_jobs, "job")}, {Units.Count(_stages, "stage")}, {Units.Count(_tasks, "task")} in {Units.Time(elapsed)}; " +
            $"{ByteSize.Show(_traffic.ShuffleWritten)} shuffled, {ByteSize.Show(_traffic.RemoteRead)} fetched, "
            + $"{ByteSize.Show(_traffic.Spilled)} spilled, {Units.Count(_retries, "retry", "retries")}";
    }
}
