using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Driver.Jobs;

/// <summary>
/// The frames of a job's results, by partition. The job is followed until all are there, and once more for each time that one is lost. As
/// long as this is open the cluster is told now and then that they are wanted: a slow reader's would be dropped after ten minutes.
/// </summary>
internal sealed class JobStream(
    AwaitedJob job, IReadOnlyList<int> asked, ResultReader results, TimeProvider time, CancellationToken cancellationToken) : ResultStream
{
    private static readonly TimeSpan s_keepEvery = TimeSpan.FromMinutes(3);

    /// <summary>A result that was lost so often without a new frame in between cannot be read from here at all.</summary>
    private const int MostFruitless = 5;

    private readonly SortedDictionary<int, CommittedResult> _committed = [];
    private IReadOnlyList<int> _partitions = [];
    private int _at;
    private int _fruitless;
    private BlockStream? _source;

    // Elements of the present partition: handed out, and passed by in its present source.
    private long _given;
    private long _read;

    private ITimer? _keeping;
    private Task? _released;

    public override int Partitions => _partitions.Count;

    /// <summary>Ends when the results are there, or after so long: see <see cref="JobRequest.Patience"/>.</summary>
    public async Task StartAsync(TimeSpan? patience)
    {
        if (patience is not { } most)
        {
            await FollowAsync().ConfigureAwait(false);
        }
        else if (!await TryFollowAsync(most).ConfigureAwait(false))
        {
            return;
        }

        _partitions = [.. _committed.Keys];
        _keeping = time.Every(s_keepEvery, job.KeepAsync);
    }

    public override async ValueTask<bool> NextAsync()
    {
        for (; _at < _partitions.Count; _at++)
        {
            if (await NextOfAsync(_partitions[_at]).ConfigureAwait(false))
            {
                return true;
            }

            Close();
            _given = 0;
        }

        return false;
    }

    public override ValueTask DisposeAsync()
    {
        _keeping?.Dispose();
        Close();
        return _released is { } released ? new ValueTask(released) : job.DisposeAsync();
    }

    private async ValueTask<bool> NextOfAsync(int partition)
    {
        while (true)
        {
            try
            {
                if (_source is null)
                {
                    _source = results.Open(job.Id, _committed[partition], cancellationToken);
                    _read = 0;
                }

                while (await _source.NextAsync().ConfigureAwait(false))
                {
                    var known = _given - _read;
                    _read += _source.Header.Count;
                    if (known < _source.Header.Count)
                    {
                        (Header, Payload, Known) = (_source.Header, _source.Payload, (int)known);
                        _given = _read;
                        _fruitless = 0;
                        return true;
                    }
                }

                return false;
            }
            catch (Exception e) when (IsLoss(e) && ++_fruitless < MostFruitless)
            {
                await ComputeAgainAsync(partition).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether the result, or its worker, is gone or cannot be read.</summary>
    private static bool IsLoss(Exception error) =>
        error is WorkerUnreachableException or BlocksMissingException or InvalidDataException or SpillException or ObjectDisposedException;

    private Task FollowAsync() => job.FollowAsync((fresh, _) =>
    {
        foreach (var result in fresh)
        {
            _committed[result.Partition] = result;
        }

        return Task.FromResult(new List<CommittedResult>());
    });

    /// <returns>
    /// Whether all results are there. If not, this is a stream of the first ones, as far as they came with the news of them; the job is
    /// released.
    /// </returns>
    private async Task<bool> TryFollowAsync(TimeSpan most)
    {
        const int Over = 1;
        var ended = 0;
        var gaveUp = false;
        await using var patience = time.After(
            most, () =>
            {
                if (Interlocked.Exchange(ref ended, Over) != Over)
                {
                    gaveUp = true;
                    job.Cancel();
                }
            });
        try
        {
            await FollowAsync().ConfigureAwait(false);
            if (Interlocked.Exchange(ref ended, Over) != Over)
            {
                return true;
            }
        }
        catch (Exception e) when (
            e is JobFailedException
                || (e is OperationCanceledException && Volatile.Read(ref gaveUp) && !cancellationToken.IsCancellationRequested))
        {
            // Partition by partition it is told which one it was.
        }

        _released = job.DisposeAsync().AsTask();
        _partitions = [.. asked.TakeWhile(p => _committed.TryGetValue(p, out var result) && result.Inline is not null)];
        return false;
    }

    private async Task ComputeAgainAsync(int partition)
    {
        Close();
        var lost = _committed[partition];
        await job.ReportLostAsync(lost).ConfigureAwait(false);
        await FollowAsync().ConfigureAwait(false);
        if (_given > 0 && _committed[partition].Fingerprint != lost.Fingerprint)
        {
            throw new JobFailedException(
                $"The result of partition {lost.Partition} was lost at worker {lost.Worker} while it was read, and came out different "
                + $"when it was computed again: an operator " +
                "up to there is non-deterministic (a random number without a seed, the clock, an unordered collection), and elements of "
                + "the former result had been handed out. " +
                "Make it deterministic, or checkpoint its output before it is used.")
            {
                Job = job.Id,
                Partition = lost.Partition,
            };
        }
    }

    private void Close()
    {
        _source?.Dispose();
        _source = null;
    }
}
