using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Jobs;

/// <inheritdoc />
[StatelessWorker, Reentrant]
internal sealed class ClusterGrain(IWorkerPool pool) : Grain, IClusterGrain
{
    /// <summary>Outputs that are released at once.</summary>
    private const int Releases = 64;

    public async Task<WorkerDescription[]> WorkersAsync() =>
        [.. await AskAllAsync(static w => w.DescribeAsync())];

    public async Task<JobSummary[]> JobsAsync()
    {
        var newest = new Dictionary<JobId, JobSummary>();
        foreach (var job in (await AskAllAsync(static w => w.RecordsAsync())).SelectMany(static r => r))
        {
            if (!newest.TryGetValue(job.Job, out var other) || (job.Epoch, job.Sequence).CompareTo((other.Epoch, other.Sequence)) > 0)
            {
                newest[job.Job] = job;
            }
        }

        var jobs = await Task.WhenAll(newest.Values.Select(NowAsync));
        var atWork = Array.Exists(jobs, MayBeQueued) ? await AtWorkAsync() : [];
        return [.. jobs.Select(j => MayBeQueued(j) ? j with { Queued = !atWork.Contains(j.Job) } : j)
            .OrderByDescending(static j => j.Started)];
    }

    public async Task<KeptRdd[]> KeptAsync() => [.. (await AskAllAsync(static w => w.KeptAsync())).SelectMany(static k => k)];

    public async Task<EventPage[]> EventsAsync(EventQuery query)
    {
        var seen = query.Seen.ToDictionary(static c => c.Worker, static c => c.Next);
        var rest = query with { Seen = [] };
        return [.. await AskAllAsync((id, worker) => worker.EventsAsync(rest, seen.GetValueOrDefault(id)))];
    }

    public async Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost) =>
        [.. (await AskAllAsync(worker => worker.WitnessedAsync(context, lost))).SelectMany(static w => w)];

    public Task DropBroadcastAsync(LineageId content, BlobName[] chunks, WorkerId[] keepers) => TellAllAsync(
        (id, worker) => worker.DropBroadcastAsync(content, keepers.Contains(id) ? [] : chunks));

    public Task ForgetCodeAsync(AssemblyId[] assemblies) => TellAllAsync((_, worker) => worker.ForgetCodeAsync(assemblies));

    public async Task<LineageId[]> ReleaseOutputsAsync(ContextId context, LineageId[] outputs)
    {
        var again = new List<LineageId>();
        foreach (var some in outputs.Chunk(Releases))
        {
            var done = await Task.WhenAll(some.Select(output => TryReleaseAsync(context, output)));
            again.AddRange(some.Where((_, i) => !done[i]));
        }

        return [.. again];
    }

    public Task RenewLeaseAsync(ContextId context) => TellAllAsync((_, worker) => worker.RenewLeaseAsync(context));

    private static bool MayBeQueued(JobSummary job) => job is { Phase: JobPhase.Running, TasksDone: 0 };

    /// <summary>The jobs that have a slot now.</summary>
    private async Task<HashSet<JobId>> AtWorkAsync()
    {
        var pages = await AskAllAsync(static w => w.EventsAsync(new EventQuery(null, null, [], FromNow: true), 0));
        return [.. pages.SelectMany(static p => p.Running).Select(static r => r.Job)];
    }

    private async Task<bool> TryReleaseAsync(ContextId context, LineageId output)
    {
        try
        {
            return await GrainFactory.GetGrain<IRddGrain>(output.ToString()).LeaveAsync(context);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return false;
        }
    }

    /// <summary>A record is a little old while its job runs: the job itself knows better, unless it is between two silos.</summary>
    private async Task<JobSummary> NowAsync(JobSummary job)
    {
        if (job.Phase != JobPhase.Running)
        {
            return job;
        }

        try
        {
            return await GrainFactory.GetGrain<IJobGrain>(job.Job.Value).StatusAsync() ?? job;
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            return job;
        }
    }

    private async Task TellAllAsync(Func<WorkerId, IWorkerGrain, Task> tell) =>
        await Task.WhenAll((await pool.LiveAsync()).Select(w => tell(w.Id, pool.Get(w.Id)).BestEffortAsync()));

    private Task<List<R>> AskAllAsync<R>(Func<IWorkerGrain, Task<R>> ask) => AskAllAsync((_, worker) => ask(worker));

    /// <summary>The answers of those that are there: a worker that dies meanwhile is no longer part of the cluster.</summary>
    private async Task<List<R>> AskAllAsync<R>(Func<WorkerId, IWorkerGrain, Task<R>> ask)
    {
        var live = await pool.LiveAsync();
        var answers = new List<R>();
        foreach (var call in live.Select(w => ask(w.Id, pool.Get(w.Id))).ToArray())
        {
            try
            {
                answers.Add(await call);
            }
            catch (Exception e) when (CallErrors.IsTransient(e))
            {
                continue;
            }
        }

        return answers;
    }
}
