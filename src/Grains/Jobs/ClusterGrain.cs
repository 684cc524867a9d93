using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Records;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Jobs;

/// <inheritdoc />
[StatelessWorker, Reentrant]
internal sealed class ClusterGrain(IWorkerPool pool, AuditLog audit) : Grain, IClusterGrain
{
    /// <summary>Outputs that are released at once.</summary>
    private const int Releases = 64;

    private JobOwners? _owners;

    public async Task<WorkerDescription[]> WorkersAsync() =>
        [.. await AskAllAsync(static w => w.DescribeAsync())];

    public async Task<JobSummary[]> JobsAsync()
    {
        var reader = Principal.Present;
        var newest = new Dictionary<JobId, RecordHead>();
        foreach (var head in (await AskAllAsync(HeadsAsync)).SelectMany(static r => r))
        {
            if (!newest.TryGetValue(head.Job, out var other) || head.Point.CompareTo(other.Point) > 0)
            {
                newest[head.Job] = head;
            }
        }

        var jobs = await Task.WhenAll(newest.Values.Select(HeadCodec.Read).Select(NowAsync));
        var atWork = Array.Exists(jobs, MayBeQueued) ? await AtWorkAsync() : [];
        return [.. jobs.Select(j => (MayBeQueued(j) ? j with { Queued = !atWork.Contains(j.Job) } : j).For(reader))
            .OrderByDescending(static j => j.Started)];
    }

    public async Task<KeptTotal[]> KeptAsync()
    {
        var asker = Principal.Present.OwnerName;
        var shares = (await AskAllAsync(KeptAtAsync)).SelectMany(static k => k);
        return [.. shares.GroupBy(static s => s.Lineage).Select(rdd => new KeptTotal(
            rdd.First() is { Recipe: { } recipe } one && one.Owner == asker ? recipe : rdd.Key,
            rdd.First().Name, rdd.First().StorageLevel, rdd.First().NumPartitions,
            rdd.SelectMany(static s => s.Partitions.ToArray()).Distinct().Count(), rdd.Sum(static s => s.MemoryBytes),
            rdd.Sum(static s => s.DiskBytes)))];
    }

    public async Task<EventPage[]> EventsAsync(EventQuery query)
    {
        var seen = query.Seen.ToDictionary(static c => c.Worker, static c => c.Next);
        var rest = query with { Seen = [] };
        var reader = Principal.Present;
        var pages = await AskAllAsync((id, worker) => worker.EventsAsync(rest, seen.GetValueOrDefault(id)));
        if (reader.May(Rights.Administer))
        {
            return [.. pages];
        }

        var own = await OwnAsync(
            reader,
            pages.SelectMany(static p => p.Stages.Select(static s => s.Stage).Concat(p.Notes.Select(static n => n.Stage))));
        return [.. pages.Select(page => page with
        {
            Stages = Array.ConvertAll(page.Stages, stage => own.Contains(stage.Stage.Job) ? stage : stage.ForOthers()),
            Notes = Array.ConvertAll(page.Notes, notes => own.Contains(notes.Stage.Job) ? notes : notes.ForOthers()),
        })];
    }

    public async Task<SaidPage[]> SaidAsync(JobId job, EventCursor[] seen)
    {
        var reader = Principal.Present;
        if (!await Owners.OwnsAsync(reader, job))
        {
            audit.Denied(reader.Name, null, $"read the lines of job {job}");
            throw new UnauthorizedAccessException($"{reader.Name} may not read the lines of job {job}, which is another's.");
        }

        var known = seen.ToDictionary(static c => c.Worker, static c => (int)c.Next);
        return [.. await AskAllAsync((id, worker) => worker.SaidAsync(job, known.GetValueOrDefault(id)))];
    }

    public async Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost)
    {
        var reader = Principal.Present;
        StageSpans[] spans = [.. (await AskAllAsync(worker => worker.WitnessedAsync(context, lost))).SelectMany(static w => w)];
        if (reader.May(Rights.Administer))
        {
            return spans;
        }

        var own = await OwnAsync(reader, spans.Select(static s => s.Stage));
        return Array.ConvertAll(spans, stage => own.Contains(stage.Stage.Job) ? stage : stage.ForOthers());
    }

    public Task DropBroadcastAsync(LineageId content, BlobName[] chunks, WorkerId[] keepers)
    {
        var owner = Principal.Present.OwnerName;
        audit.Dropped("broadcast", content.ToString());
        return TellAllAsync((id, worker) => worker.DropBroadcastAsync(content, keepers.Contains(id) ? [] : chunks, owner));
    }

    public Task ForgetCodeAsync(AssemblyId[] assemblies)
    {
        var owner = Principal.Present.OwnerName;
        return TellAllAsync((_, worker) => worker.ForgetCodeAsync(assemblies, owner));
    }

    public async Task<LineageId[]> ReleaseOutputsAsync(ContextId context, LineageId[] outputs)
    {
        var owner = Principal.Present.OwnerName;
        var again = new List<LineageId>();
        foreach (var some in outputs.Chunk(Releases))
        {
            var done = await Task.WhenAll(some.Select(output => TryReleaseAsync(context, output.KeptFor(owner))));
            again.AddRange(some.Where((_, i) => !done[i]));
        }

        return [.. again];
    }

    public Task UnpersistAsync(ContextId context, LineageId recipe)
    {
        audit.Dropped("recipe", recipe.ToString());
        return Kept(recipe.KeptFor(Principal.Present.OwnerName)).UnholdAsync(context).ThatTravels();
    }

    public async Task<UpdatePage> UpdatesAsync(LineageId recipe, int from) =>
        (await Kept(recipe.KeptFor(Principal.Present.OwnerName)).UpdatesAsync(from).ThatTravels()).Of(recipe);

    public Task<string?> OwnerAsync() => Task.FromResult(Principal.Present.OwnerName);

    public Task RenewLeaseAsync(ContextId context) => TellAllAsync((_, worker) => worker.RenewLeaseAsync(context));

    private JobOwners Owners => _owners ??= new JobOwners(GrainFactory);

    private IRddGrain Kept(LineageId output) => GrainFactory.GetGrain<IRddGrain>(output.ToString());

    private static bool MayBeQueued(JobSummary job) => job is { Phase: JobPhase.Running, TasksDone: 0 };

    /// <summary>The jobs that have a slot now.</summary>
    private async Task<HashSet<JobId>> AtWorkAsync()
    {
        var pages = await AskAllAsync(static w => w.EventsAsync(new EventQuery(null, null, [], FromNow: true), 0));
        return [.. pages.SelectMany(static p => p.Running).Select(static r => r.Job)];
    }

    /// <summary>Those of some stages' jobs that somebody may see all of.</summary>
    private async Task<HashSet<JobId>> OwnAsync(Principal reader, IEnumerable<SpanStage> stages)
    {
        var own = new HashSet<JobId>();
        foreach (var job in stages.Select(static s => s.Job).Distinct().ToArray())
        {
            if (await Owners.OwnsAsync(reader, job))
            {
                own.Add(job);
            }
        }

        return own;
    }

    private async Task<bool> TryReleaseAsync(ContextId context, LineageId output)
    {
        try
        {
            return await Kept(output).LeaveAsync(context);
        }
        catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
        {
            return false;
        }
    }

    private static async Task<List<KeptRdd>> KeptAtAsync(IWorkerGrain worker)
    {
        var page = await worker.KeptAsync(null);
        var kept = new List<KeptRdd>(page.Rdds);
        while (page.Next is { } last)
        {
            page = await worker.KeptAsync(last);
            kept.AddRange(page.Rdds);
        }

        return kept;
    }

    private static async Task<List<RecordHead>> HeadsAsync(IWorkerGrain worker)
    {
        var page = await worker.RecordsAsync(null);
        var heads = new List<RecordHead>(page.Heads);
        while (page.Next is { } last)
        {
            page = await worker.RecordsAsync(last);
            heads.AddRange(page.Heads);
        }

        return heads;
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
        catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
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
