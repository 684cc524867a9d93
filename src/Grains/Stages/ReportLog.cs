using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The reports of one batch for its poller. They are numbered and kept until the poller says that it has them, so that a lost reply can be
/// asked for again. Slots add from their threads; one owner reads.
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

    /// <summary>Those after the first <see cref="_seen"/>.</summary>
    private readonly Queue<TaskReport> _reports = new();
    private TaskCompletionSource? _any;
    private TaskCompletionSource? _all;
    private int _seen;
    private int _expected = expected;
    private long _touched = time.GetTimestamp();

    /// <summary>Whether the poller is to hear of something besides reports at once; looked at whenever something changes.</summary>
    public Func<bool> Urgent { get; init; } = static () => false;

    /// <summary>Whether more than is expected so far may come; looked at as <see cref="Urgent"/> is. Then the poller has to wait.</summary>
    public Func<bool> MayGrow { get; init; } = static () => false;

    public bool Finished
    {
        get
        {
            lock (_lock)
            {
                return IsFinished;
            }
        }
    }

    /// <summary>How long ago somebody asked.</summary>
    public TimeSpan Unasked => time.GetElapsedTime(Interlocked.Read(ref _touched));

    private bool IsFinished => Count == _expected && !MayGrow();

    private int Count => _seen + _reports.Count;

    /// <summary>So many more tasks will be reported.</summary>
    public void Expect(int more)
    {
        lock (_lock)
        {
            _expected += more;
        }
    }

    public void Add(TaskReport report)
    {
        TaskCompletionSource? any;
        TaskCompletionSource? all;
        lock (_lock)
        {
            _reports.Enqueue(report);
            any = Interlocked.Exchange(ref _any, null);
            all = IsFinished ? Interlocked.Exchange(ref _all, null) : null;
        }

        any?.TrySetResult();
        all?.TrySetResult();
    }

    /// <summary>Lets a reader that waits look at <see cref="Urgent"/> and <see cref="MayGrow"/>.</summary>
    public void Wake()
    {
        TaskCompletionSource? any;
        TaskCompletionSource? all;
        lock (_lock)
        {
            any = Interlocked.Exchange(ref _any, null);
            all = Interlocked.Exchange(ref _all, null);
        }

        any?.TrySetResult();
        all?.TrySetResult();
    }

    /// <summary>
    /// The reports after the first <paramref name="seen"/>, which the reader has. Waits for one at most for <paramref name="slice"/>.
    /// </summary>
    public async Task<ReportPage> ReadAsync(int seen, TimeSpan slice)
    {
        Interlocked.Exchange(ref _touched, time.GetTimestamp());
        Forget(seen);
        if (Waits(seen, ref _any) is { } first)
        {
            await first.WithinAsync(slice, time);
        }

        if (Waits(int.MaxValue, ref _all) is { } company)
        {
            await company.WithinAsync(s_coalesce, time);
        }

        lock (_lock)
        {
            var skipped = Math.Clamp(seen - _seen, 0, _reports.Count);
            var page = new List<TaskReport>(Math.Min(_reports.Count - skipped, 1024));
            long bytes = 0;
            foreach (var report in _reports)
            {
                if (skipped-- > 0)
                {
                    continue;
                }

                if (bytes >= Pages.Largest)
                {
                    break;
                }

                page.Add(report);
                bytes += ReportBytes + (report.Result?.Length ?? 0) + (report.Updates?.Length ?? 0)
                    + ((report.Lost?.Length ?? 0) * LostBytes);
            }

            var from = Math.Clamp(seen, _seen, Count);
            return new ReportPage(from, [.. page], from + page.Count == _expected, Unknown: false);
        }
    }

    private void Forget(int seen)
    {
        lock (_lock)
        {
            for (; _seen < seen && _reports.Count > 0; _seen++)
            {
                _reports.Dequeue();
            }
        }
    }

    /// <summary>
    /// What to wait for until there are more than <paramref name="seen"/> reports, or all; null when there is no reason to.
    /// </summary>
    private Task? Waits(int seen, ref TaskCompletionSource? source)
    {
        lock (_lock)
        {
            if (IsFinished || Count > seen || Urgent() || (seen == int.MaxValue && _reports.Count == 0))
            {
                return null;
            }

            source ??= new TaskCompletionSource();
            return source.Task;
        }
    }
}
