using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Actions;

/// <summary>Neighbouring partitions of a stream that one job has computed.</summary>
/// <param name="Count">How many were asked for. The stream may have fewer, when the job took long or failed: the others are computed one by
/// one.</param>
internal sealed record StreamShare(int First, int Count, ResultStream Stream, TimeSpan Took);

/// <summary>
/// The jobs behind a stream, one for each partition. At first one job runs ahead of the reader, later as many as the default parallelism:
/// a reader that leaves early has cost little. Nearly empty partitions share a job: the shares grow as long as a share takes a moment and
/// brings next to nothing. Time only decides which partitions share a job. The elements, their order and the place of an error are the
/// same.
/// </summary>
internal sealed class StreamJobs<T>(Rdd<T> rdd, CancellationToken stop) : IAsyncDisposable
{
    private const int MostPartitions = 512;
    private const int NextToNothing = Frame.TargetBytes / 4;

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

    /// <summary>The first elements of a share must not be long in coming because of the last ones.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Queue<Task<StreamShare>> _computed = new();
    private readonly int _total = rdd.NumPartitions;
    private int _started;
    private int _ahead = 1;
    private int _size = 1;
    private int _largest = MostPartitions;

    /// <summary>The partitions that are next; null at the end.</summary>
    public async Task<StreamShare?> NextAsync()
    {
        while (_started < _total && _computed.Count <= (_size > 1 ? 1 : _ahead))
        {
            var count = Math.Min(_size, _total - _started);
            _computed.Enqueue(ComputeAsync(_started, count));
            _started += count;
        }

        if (!_computed.TryDequeue(out var next))
        {
            return null;
        }

        var share = await next.ConfigureAwait(false);
        _ahead = Math.Min(2 * _ahead, Math.Max(1, rdd.Runner.DefaultParallelism));
        if (share.Stream.Partitions < share.Count)
        {
            (_started, _size, _largest) = (share.First + share.Stream.Partitions, 1, Math.Max(1, share.Count / 2));
            await DropAsync().ConfigureAwait(false);
        }

        return share;
    }

    /// <summary>A share was read to its end.</summary>
    public void Note(StreamShare share, long bytes)
    {
        if (share.Stream.Partitions == share.Count)
        {
            _size = Math.Clamp(share.Took < s_moment && bytes <= NextToNothing ? 2 * share.Count : share.Count / 2, 1, _largest);
        }
    }

    /// <summary>What was computed ahead is not wanted any more.</summary>
    public async ValueTask DisposeAsync() => await DropAsync().ConfigureAwait(false);

    private async Task DropAsync()
    {
        while (_computed.TryDequeue(out var unread))
        {
            // Should its job fail, that is of no interest.
            await ((Task)unread).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (unread.IsCompletedSuccessfully)
            {
                await unread.Result.Stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<StreamShare> ComputeAsync(int first, int count)
    {
        var time = rdd.Runner.Time;
        var began = time.GetTimestamp();
        var plan = PlanEncoder.Encode(new StreamNode<T>(rdd.Node));
        var request = new JobRequest(
            nameof(Rdd<T>.AsAsyncEnumerable), plan, [.. Enumerable.Range(first, count)], count > 1 ? s_patience : null);
        var stream = await rdd.Runner.OpenAsync(request, stop).ConfigureAwait(false);
        try
        {
            foreach (var checkpoint in plan.Checkpoints)
            {
                await checkpoint.WriteAsync(stop).ConfigureAwait(false);
            }

            return new StreamShare(first, count, stream, time.GetElapsedTime(began));
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
