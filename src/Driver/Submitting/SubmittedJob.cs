using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Driver.Jobs;
using MicroSpark.Driver.Lists;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark;

/// <summary>
/// A job that goes on without the client that started it: made by
/// <see cref="MicroSparkContext.SubmitAsync(Func{Task}, CancellationToken)"/>, or by
/// <see cref="MicroSparkContext.AttachAsync(JobId, CancellationToken)"/> from any client of the cluster. Its result is kept for ten minutes
/// after its end. Thread safe.
/// </summary>
[NotEncodable(ShippingRules.OnlyOnTheClient)]
public class SubmittedJob
{
    private readonly ClusterJobRunner _runner;
    // Two may find out that the job has failed: one clears up, the other waits for that.
    private readonly Lazy<bool>? _clearedUp;
    private readonly IReadOnlyList<CheckpointMark> _checkpoints;

    // Kept outputs whose tasks may add to this program's accumulators; null when they are counted, or not here.
    private IReadOnlyList<LineageId>? _counting;

    /// <summary>What <see cref="ToString"/> says of the page; null where this program has none.</summary>
    internal Uri? Page { get; init; }

    /// <param name="action">What this program submitted; null when another client did.</param>
    internal SubmittedJob(ClusterJobRunner runner, JobId id, string name, CapturedAction? action)
    {
        (_runner, Id, Name, _counting, _checkpoints) = (runner, id, name, action?.Plan.Counting, action?.Plan.Checkpoints ?? []);
        _clearedUp = action?.Abort is not { } abort ? null : new Lazy<bool>(() =>
        {
            abort();
            return true;
        });
    }

    /// <summary>By which any client can attach to the job, watch it and cancel it.</summary>
    public JobId Id { get; }

    /// <summary>The action, such as <c>CountAsync</c>.</summary>
    public string Name { get; }

    /// <summary>Where the job stands.</summary>
    /// <exception cref="KeyNotFoundException">It ended more than ten minutes ago.</exception>
    public async Task<JobInfo> InfoAsync(CancellationToken cancellationToken = default) =>
        InfoOf(await _runner.LookAsync(Id, -1, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// The action and the job's id; where the context has a page of its own, also the address of the job's page, which needs a browser
    /// that a link has let in (<see cref="MicroSparkContext.UiLinkAsync"/>).
    /// </summary>
    public override string ToString() => Page is null ? $"{Name}, job {Id}" : $"{Name}, job {Id}, {new Uri(Page, $"#/job/{Id}")}";

    /// <summary>
    /// The job's progress: how it is now, then each time that something has changed, last its end. Leaving the enumeration changes nothing
    /// for the job.
    /// </summary>
    /// <exception cref="KeyNotFoundException">It ended more than ten minutes ago.</exception>
    public async IAsyncEnumerable<JobInfo> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        JobInfo? told = null;
        for (long seen = -1; told is not { State: not JobState.Running };)
        {
            var sighting = await _runner.LookAsync(Id, seen, cancellationToken).ConfigureAwait(false);
            seen = sighting.Version;
            var info = InfoOf(sighting);
            if (told is null || told with { Duration = default } != info with { Duration = default })
            {
                yield return told = info;
            }
        }
    }

    /// <summary>
    /// Ends when the job has succeeded. Then, as after any action, its tasks' additions to the accumulators of the submitting program
    /// count, once. RDDs that the program has marked with <c>Checkpoint()</c> are saved.
    /// </summary>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled, or the token was.</exception>
    /// <exception cref="KeyNotFoundException">The job ended more than ten minutes ago.</exception>
    public Task WaitAsync(CancellationToken cancellationToken = default) => FollowAsync(null, cancellationToken);

    /// <summary>Stops the job's tasks, also when another client submitted it; nothing happens when it has ended.</summary>
    public Task CancelAsync(CancellationToken cancellationToken = default) => _runner.CancelAsync(Id, cancellationToken);

    private JobInfo InfoOf(JobSighting sighting) => JobInfos.Of(sighting.Summary!, _runner.Time.GetUtcNow());

    /// <summary>Follows the job to its end, and does what the program that submitted it does then.</summary>
    private protected async Task FollowAsync(Action<TaskResult>? onResult, CancellationToken cancellationToken)
    {
        var counting = Interlocked.Exchange(ref _counting, null);
        try
        {
            await _runner.FollowAsync(Id, Name, counting, onResult, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (
            e is JobFailedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _ = _clearedUp?.Value;
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or ClusterUnavailableException)
        {
            // It was not followed to its end: whoever follows it next counts.
            Interlocked.CompareExchange(ref _counting, counting, null);
            throw;
        }

        foreach (var checkpoint in _checkpoints)
        {
            await checkpoint.WriteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As long as this process lives it clears up after a job that fails.</summary>
    internal async Task ClearUpAsync()
    {
        try
        {
            await foreach (var info in WatchAsync().ConfigureAwait(false))
            {
                if (info.State is JobState.Failed or JobState.Cancelled)
                {
                    _ = _clearedUp?.Value;
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or ClusterUnavailableException or KeyNotFoundException or IOException)
        {
            // The context is closed or the cluster gone: then nobody clears up. What is left has no _SUCCESS.
            _ = e;
        }
    }
}

/// <summary>A <see cref="SubmittedJob"/> with a result.</summary>
/// <typeparam name="R">What the action gives.</typeparam>
public sealed class SubmittedJob<R> : SubmittedJob
{
    private readonly bool _joined;

    internal SubmittedJob(ClusterJobRunner runner, JobId id, string name, bool joined, CapturedAction? action)
        : base(runner, id, name, action) => _joined = joined;

    /// <summary>The action's result, once the job has succeeded. May be asked for again, by several clients.</summary>
    /// <exception cref="JobFailedException">A task failed for good, or the action itself: then with what it throws, such as for an empty
    /// RDD, inside.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled, or the token was.</exception>
    /// <exception cref="KeyNotFoundException">The job ended more than ten minutes ago.</exception>
    public async Task<R> ResultAsync(CancellationToken cancellationToken = default)
    {
        var parts = new SortedDictionary<int, R>();
        await FollowAsync(
            result => parts[result.Partition] = result.ByReference
                ? (R)result.Value!
                : ValueCodec.Decode<R>(result.Encoded.Span, CodeSpace.Process),
            cancellationToken).ConfigureAwait(false);
        return _joined ? Join(parts.Values) : parts[0];
    }

    /// <summary>One array of all. Never a part itself, which others may be given too.</summary>
    private static R Join(ICollection<R> parts)
    {
        var arrays = parts.Select(static part => (Array)(object)part!).ToArray();
        var all = Array.CreateInstance(typeof(R).GetElementType()!, arrays.Sum(static a => a.LongLength));
        var at = 0L;
        foreach (var array in arrays)
        {
            Array.Copy(array, 0, all, at, array.LongLength);
            at += array.LongLength;
        }

        return (R)(object)all;
    }
}
