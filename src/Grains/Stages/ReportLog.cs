using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The reports of one batch for its poller. They are numbered and kept until the batch is forgotten, so that a lost reply can be asked for
/// again. Slots add from their threads; one owner reads.
/// </summary>
internal sealed class ReportLog(int expected, TimeProvider time)
{
    /// <summary>How long the first report waits for company: a set of tiny tasks costs one reply.</summary>
    private static readonly TimeSpan s_coalesce = TimeSpan.FromMilliseconds(10);

    /// <summary>About what a report takes in a message beside what came with it.</summary>
    private const int ReportBytes = 200;

    /// <summary>About what a lost block's name takes on the wire.</summary>
    private const int LostBytes = 20;

    private readonly Lock _lock = new();
    private readonly List<TaskReport> _reports = new(expected);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _any;
    private long _touched = time.GetTimestamp();

    public bool Finished => _finished.Task.IsCompleted;

    /// <summary>How long ago somebody asked.</summary>
    public TimeSpan Unasked => time.GetElapsedTime(Interlocked.Read(ref _touched));

    public void Add(TaskReport report)
    {
        TaskCompletionSource? any;
        bool finished;
        lock (_lock)
        {
            _reports.Add(report);
            any = _any;
            _any = null;
            finished = _reports.Count == expected;
        }

        any?.TrySetResult();
        if (finished)
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>The reports after the first <paramref name="seen"/>; waits for one at most for <paramref name="slice"/>.</summary>
    public async Task<ReportPage> ReadAsync(int seen, TimeSpan slice)
    {
        Interlocked.Exchange(ref _touched, time.GetTimestamp());
        if (!Finished)
        {
            Task? first = null;
            lock (_lock)
            {
                if (_reports.Count <= seen)
                {
                    _any ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    first = _any.Task;
                }
            }

            if (first is not null)
            {
                await first.WithinAsync(slice, time);
            }

            if (Count > seen)
            {
                await _finished.Task.WithinAsync(s_coalesce, time);
            }
        }

        lock (_lock)
        {
            var from = Math.Min(seen, _reports.Count);
            var to = from;
            for (long bytes = 0; to < _reports.Count && bytes < Pages.Largest; to++)
            {
                bytes += ReportBytes + (_reports[to].Result?.Length ?? 0) + (_reports[to].Updates?.Length ?? 0)
                    + ((_reports[to].Lost?.Length ?? 0) * LostBytes);
            }

            return new ReportPage(from, _reports[from..to].ToArray(), to == expected, Unknown: false);
        }
    }

    private int Count
    {
        get
        {
            lock (_lock)
            {
                return _reports.Count;
            }
        }
    }
}
