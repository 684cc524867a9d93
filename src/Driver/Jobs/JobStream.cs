using MicroSpark.Cluster;
using MicroSpark.Engine;
using MicroSpark.Memory;

namespace MicroSpark.Jobs;

/// <summary>
/// The frames of a job's one result. Its job is followed until the result is there, and once more for each time that it is lost. As long as this is open the
/// cluster is told now and then that the result is wanted: a slow reader's would be dropped after ten minutes.
/// </summary>
internal sealed class JobStream(JobRun run, ResultReader results, TimeProvider time, CancellationToken cancellationToken) : ResultStream
{
    private static readonly TimeSpan s_keepEvery = TimeSpan.FromMinutes(3);

    /// <summary>A result that was lost so often without a new frame in between cannot be read from here at all.</summary>
    private const int MostFruitless = 5;

    private CommittedResult? _result;
    private int _fruitless;
    private BlockStream? _source;

    // Elements: handed out, and passed by in the present source.
    private long _given;
    private long _read;

    private ITimer? _keeping;

    /// <summary>Ends when the result is there.</summary>
    public async Task StartAsync()
    {
        await FollowAsync().ConfigureAwait(false);
        _keeping = time.CreateTimer(static run => ((JobRun)run!).KeepAsync().Forget(), run, s_keepEvery, s_keepEvery);
    }

    public override async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            try
            {
                if (_source is null)
                {
                    _source = results.Open(run.Id, _result!, cancellationToken);
                    _read = 0;
                }

                while (await _source.NextAsync().ConfigureAwait(false))
                {
                    var known = _given - _read;
                    _read += _source.Frame.Count;
                    if (known < _source.Frame.Count)
                    {
                        (Frame, Payload, Known) = (_source.Frame, _source.Payload, (int)known);
                        _given = _read;
                        _fruitless = 0;
                        return true;
                    }
                }

                return false;
            }
            catch (Exception e) when (IsLoss(e) && ++_fruitless < MostFruitless)
            {
                await ComputeAgainAsync().ConfigureAwait(false);
            }
        }
    }

    public override ValueTask DisposeAsync()
    {
        _keeping?.Dispose();
        Close();
        return run.DisposeAsync();
    }

    /// <summary>Whether the result, or its worker, is gone or cannot be read.</summary>
    private static bool IsLoss(Exception error) =>
        error is WorkerUnreachableException or BlocksMissingException or InvalidDataException or SpillException or ObjectDisposedException;

    private Task FollowAsync() => run.FollowAsync((fresh, _) =>
    {
        _result = fresh.Count > 0 ? fresh[^1] : _result;
        return Task.FromResult(new List<CommittedResult>());
    });

    private async Task ComputeAgainAsync()
    {
        Close();
        var lost = _result!;
        await run.ReportLostAsync(lost).ConfigureAwait(false);
        await FollowAsync().ConfigureAwait(false);
        if (_given > 0 && _result!.Fingerprint != lost.Fingerprint)
        {
            throw new JobFailedException(
                $"The result of partition {lost.Partition} was lost at worker {lost.Worker} while it was read, and came out different when it was computed again: an operator " +
                "up to there is non-deterministic (a random number without a seed, the clock, an unordered collection), and elements of the former result had been handed out. " +
                "Make it deterministic, or checkpoint its output before it is used.")
            {
                Job = run.Id,
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
