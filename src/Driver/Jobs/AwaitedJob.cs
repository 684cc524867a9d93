using MicroSpark.Driver.Clusters;
using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Jobs;

/// <summary>Takes committed results, and returns those that it cannot read.</summary>
internal delegate Task<List<CommittedResult>> ReadResults(IReadOnlyList<CommittedResult> results, CancellationToken cancellationToken);

/// <summary>
/// A job that this context awaits: submitted, followed to its end, followed again when a result is lost after it. Disposing it says that
/// nobody wants the results any more, and cancels what still runs.
/// </summary>
internal sealed class AwaitedJob : IAsyncDisposable
{
    /// <summary>How often it is seen to that live workers hold what the job needs.</summary>
    private static readonly TimeSpan s_putEvery = TimeSpan.FromSeconds(5);

    /// <summary>How often the job is told that it is wanted: three times before it would be over.</summary>
    private static readonly TimeSpan s_keepEvery = TimeSpan.FromSeconds(20);

    /// <summary>Between two reports of the same loss.</summary>
    private static readonly TimeSpan s_reportAgain = TimeSpan.FromMilliseconds(200);

    // By attempt: a job that goes on elsewhere before its newest results were on record commits those partitions anew, perhaps from
    // recomputed inputs. What it commits then replaces what came before, so that no two contents are ever mixed.
    private readonly PartitionTable<AttemptId> _received = new();

    /// <summary>Results that were reported as lost and have not come again, by partition.</summary>
    private readonly SortedDictionary<int, CommittedResult> _lost = [];
    private readonly TimeProvider _time;
    private readonly SortedDictionary<int, byte[]> _updates = [];
    private readonly CancellationTokenSource _cancel;
    private readonly CancellationToken _caller;
    private readonly ClusterJobRunner _runner;
    private readonly string _name;
    private readonly JobWatcher _watch;
    private readonly IJobGrain _grain;
    private EncodedPlan? _plan;
    private long _put;
    private IReadOnlyList<LineageId> _counting = [];
    private bool _submitted;
    private bool _attached;
    private bool _merged;
    private Exception? _error;

    public AwaitedJob(
        JobId id, string name, string? group, ICluster cluster, TimeProvider time, ClusterJobRunner runner,
        CancellationToken cancellationToken)
    {
        (Id, Group, _name, _runner, _time, _caller) = (id, group, name, runner, time, cancellationToken);
        _put = time.GetTimestamp();
        _grain = cluster.Grains.GetGrain<IJobGrain>(id.Value);
        _watch = new JobWatcher(time, _grain, runner.Events.Silence);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    public JobId Id { get; }

    public string? Group { get; }

    /// <param name="make">Puts what the job needs where it outlives this process.</param>
    /// <param name="plan">Held until this is disposed.</param>
    public Task SubmitAsync(Func<CancellationToken, Task<JobSubmission>> make, EncodedPlan plan) => TranslateAsync(async stop =>
    {
        (_plan, _counting) = (plan, plan.Counting);
        var submission = await make(stop).ConfigureAwait(false);
        _submitted = true;
        await _watch.SubmitAsync(submission, stop, again => _runner.PutAsync(plan, again)).ConfigureAwait(false);
    });

    /// <summary>Makes this a watch on a job that needs no client. Such a job goes on without a follower, and keeps its results.</summary>
    /// <param name="counting">As for <see cref="SubmitAsync"/>; null when what its tasks add to accumulators is not this watch's to
    /// count.</param>
    public void Attach(IReadOnlyList<LineageId>? counting) => (_attached, _counting, _merged) = (true, counting ?? [], counting is null);

    /// <summary>Ends when the job has succeeded and all its results are read.</summary>
    /// <exception cref="JobFailedException">A task failed for good.</exception>
    /// <exception cref="OperationCanceledException">The token, the job's group or its id was cancelled.</exception>
    public async Task FollowAsync(ReadResults read)
    {
        // It may be busy with results that it has. A job for which nobody asks is over.
        using var keeping = _submitted ? _time.Every(s_keepEvery, KeepAsync) : null;
        await TranslateAsync(stop => FollowAsync(read, stop)).ConfigureAwait(false);
        await _runner.Events.EndAsync(Id, _watch.Stages, _grain, null, _attached).ConfigureAwait(false);
    }

    /// <summary>A result cannot be read any more: the job computes it again, and is to be followed again.</summary>
    public Task ReportLostAsync(CommittedResult lost) => TranslateAsync(stop => ReportAsync([lost], stop));

    /// <summary>The results are still wanted.</summary>
    public Task KeepAsync() => _grain.KeepAsync();

    public void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    /// <summary>
    /// Best effort: a cluster that cannot be told has lost the job, or stops it when nobody polls its tasks, and drops results after ten
    /// minutes.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _runner.Forget(Id);
        _plan = null;
        _cancel.Dispose();
        if (_submitted)
        {
            _submitted = false;
            try
            {
                await _grain.ReleaseAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (_error is not null || _runner.IsClosed || CallErrors.IsTransient(e, CancellationToken.None))
            {
                // What the job failed with must not give way to what its release came to. Unreleased it would keep its slots for as long as
                // this context lives.
                if (CallErrors.IsTransient(e, CancellationToken.None))
                {
                    _runner.ReleaseLaterAsync(_grain).Forget();
                }
            }
        }

        await _runner.Events.EndAsync(Id, _watch.Stages, _grain, _error, _attached).ConfigureAwait(false);
    }

    private async Task FollowAsync(ReadResults read, CancellationToken stop)
    {
        while (true)
        {
            var update = await _watch.NextAsync(_runner.Slice, stop).ConfigureAwait(false);
            if (_plan is { } plan && _time.GetElapsedTime(_put) >= s_putEvery)
            {
                // Those that held it may be gone. Best effort: the next look is soon.
                _put = _time.GetTimestamp();
                _runner.PutAsync(plan, stop).Forget();
            }

            await _runner.Lines.HearAsync(Id, _grain, update, stop).ConfigureAwait(false);
            var lost = await ReadAsync(update, read, stop).ConfigureAwait(false);
            await _runner.Events.UpdateAsync(Id, update.Stages, stop).ConfigureAwait(false);
            if (update.Phase == JobPhase.Running || lost > 0)
            {
                continue;
            }

            if (update.Phase == JobPhase.Succeeded && _lost.Count > 0)
            {
                // While the cluster learns of a death the job may have two owners: one was told of the loss, and the other one answers.
                await _time.PauseAsync(s_reportAgain, stop).ConfigureAwait(false);
                await ReportAsync([.. _lost.Values], stop).ConfigureAwait(false);
                continue;
            }

            if (!_merged)
            {
                _merged = true;
                await _runner.MergeUpdatesAsync(_grain, _counting, _updates, stop).ConfigureAwait(false);
            }

            switch (update.Phase)
            {
                case JobPhase.Succeeded:
                    return;
                case JobPhase.Cancelled:
                    throw new OperationCanceledException($"Job {Id} ({_name}) was cancelled.");
                default:
                    throw RemoteErrors.Of(Id, update.Error!);
            }
        }
    }

    /// <returns>How many results are to be computed again.</returns>
    private async Task<int> ReadAsync(JobUpdate update, ReadResults read, CancellationToken stop)
    {
        var fresh = Fresh(update.Results);
        foreach (var result in fresh)
        {
            _received[result.Partition] = result.Attempt;
            _lost.Remove(result.Partition);
            Note(result);
        }

        if (update.Phase is JobPhase.Failed or JobPhase.Cancelled)
        {
            // Its blocks are gone. What counts is what the tasks added to accumulators.
            return 0;
        }

        var whole = !_merged && fresh.Any(r => r.HasLostUpdates) ? fresh.Where(r => !r.HasLostUpdates).ToArray() : fresh;
        var lost = await read(whole, stop).ConfigureAwait(false);
        lost.AddRange(fresh.Except(whole));
        if (lost.Count > 0)
        {
            await ReportAsync(lost, stop).ConfigureAwait(false);
        }

        return lost.Count;
    }

    /// <summary>
    /// Those that are new here. A page may have a result that was lost and the one that came for it: only the last of a partition counts.
    /// </summary>
    private CommittedResult[] Fresh(IReadOnlyList<CommittedResult> results)
    {
        var (fresh, seen) = (new List<CommittedResult>(), new HashSet<int>());
        for (var i = results.Count - 1; i >= 0; i--)
        {
            if (seen.Add(results[i].Partition) && _received[results[i].Partition] != results[i].Attempt)
            {
                fresh.Add(results[i]);
            }
        }

        fresh.Reverse();
        return [.. fresh];
    }

    private Task ReportAsync(IReadOnlyList<CommittedResult> lost, CancellationToken stop)
    {
        foreach (var result in lost)
        {
            _received[result.Partition] = default;
            _lost[result.Partition] = result;
        }

        return _watch.ReportLostAsync(lost, stop);
    }

    private void Note(CommittedResult result)
    {
        if (result.Updates is { } added)
        {
            _updates[result.Partition] = added;
        }
        else
        {
            _updates.Remove(result.Partition);
        }
    }

    /// <summary>Whoever awaits a cancelled job is told which one, and by whose token.</summary>
    private async Task TranslateAsync(Func<CancellationToken, Task> work)
    {
        var stop = _cancel.Token;
        try
        {
            await work(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            _error = e;
            throw new OperationCanceledException(
                $"Job {Id} ({_name}) was cancelled.", e, _caller.IsCancellationRequested ? _caller : default);
        }
        catch (Exception e)
        {
            _error = e;
            throw;
        }
    }
}
