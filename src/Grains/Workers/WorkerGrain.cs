using MicroSpark.Engine;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using Orleans.Concurrency;
using Orleans.GrainDirectory;

namespace MicroSpark.Grains.Workers;

/// <inheritdoc />
/// <remarks>A thin shell: what it holds is in the silo's own tables, so it may be collected and made anew at any time.</remarks>
[OnItsSilo, GrainDirectory(OnItsSiloDirectory.Name), Reentrant]
internal sealed class WorkerGrain(
    WorkerEngine engine, BatchTable batches, ReservationTable reservations, LeaseTable leases, RecordTable records, SiloEvents events,
    SaidLines said, IWorkerPool pool, IWorkerIdentity identity, ILocationSource locations, DeathBook deaths)
    : Grain, IWorkerGrain
{
    /// <summary>About what a kept RDD takes in a message beside its partitions.</summary>
    private const int KeptBytes = 256;

    public Task<WorkerDescription> DescribeAsync() => Task.FromResult(identity.Describe(engine));

    public Task MeetAsync(WorkerDescription worker)
    {
        pool.Meet(worker);
        return Task.CompletedTask;
    }

    public Task NoteDeathsAsync(DeathNote note)
    {
        deaths.Note(note);
        return Task.CompletedTask;
    }

    public Task<ReportPage> RunBatchAsync(TaskBatch batch)
    {
        leases.Hold(batch.Stage);
        return batches.RunAsync(batch, Slices.Poll);
    }

    public Task<ReportPage> NextAsync(BatchPoll poll) => batches.NextAsync(poll, Slices.Poll);

    public Task OfferAsync(BatchId batch, int pending)
    {
        batches.Offer(batch, pending);
        return Task.CompletedTask;
    }

    public Task CancelBatchAsync(BatchId batch, int[]? partitions)
    {
        batches.Cancel(batch, partitions);
        return Task.CompletedTask;
    }

    public Task ShareAsync(BatchId batch, JobStake[] jobs)
    {
        batches.Share(batch, jobs);
        return Task.CompletedTask;
    }

    public Task<bool> ReserveAsync(BatchId reservation, int slots, bool above, WorkerId? owner) =>
        reservations.ReserveAsync(reservation, slots, above, owner);

    public Task<bool> ReserveAllAsync(BatchId reservation, WorkerId? owner) =>
        reservations.ReserveAllAsync(reservation, Slices.Poll, owner);

    public Task UnreserveAsync(BatchId reservation)
    {
        reservations.Release(reservation);
        return Task.CompletedTask;
    }

    public Task TakeBackAsync(BatchId batch, int most)
    {
        batches.TakeBack(batch, most);
        return Task.CompletedTask;
    }

    public Task<HeldBlocks> BlocksOfAsync(LineageId lineage, int from) =>
        Task.FromResult(HeldBlockPages.Page(engine.Blocks, lineage, leases.StageOf(lineage)?.NumPartitions, from));

    public Task DropBroadcastAsync(LineageId content, BlobName[] chunks, string? owner)
    {
        engine.DropBroadcast(content, chunks, owner);
        return Task.CompletedTask;
    }

    public Task TouchAsync(LineageId lineage)
    {
        engine.Blocks.Touch(lineage);
        return Task.CompletedTask;
    }

    public Task DropAsync(LineageId lineage)
    {
        batches.CancelResults(lineage);
        engine.Blocks.RemoveAll(lineage);
        leases.Forget(lineage);
        locations.Forget(lineage);
        return Task.CompletedTask;
    }

    public Task RenewLeaseAsync(ContextId context)
    {
        leases.Renew(context);
        return Task.CompletedTask;
    }

    public Task HoldAsync(LineageId lineage, ContextId context)
    {
        leases.Hold(lineage, context);
        return Task.CompletedTask;
    }

    public Task<bool> ReleaseAsync(LineageId lineage, ContextId context, ContextId[] others)
    {
        foreach (var other in others)
        {
            leases.Hold(lineage, other);
        }

        return Task.FromResult(leases.Release(lineage, context));
    }

    public Task<KeptRdds> KeptAsync(LineageId? after)
    {
        var page = new List<KeptRdd>();
        long bytes = 0;
        var rest = leases.Persisted().Where(s => after is not { } last || s.Output.CompareTo(last) > 0);
        foreach (var stage in rest.OrderBy(static s => s.Output))
        {
            if (bytes > Pages.Largest)
            {
                return Task.FromResult(new KeptRdds([.. page], page[^1].Lineage));
            }

            var kept = KeptHere(stage);
            if (kept.Partitions.Runs.Length > 0)
            {
                page.Add(kept);
                bytes += kept.Partitions.Runs.Length + KeptBytes;
            }
        }

        return Task.FromResult(new KeptRdds([.. page], null));
    }

    public Task<RecordReply> WriteRecordAsync(RecordWrite write) => Task.FromResult(records.Write(write));

    public Task<RecordPage?> ReadRecordAsync(JobId job, int from) => Task.FromResult(records.Read(job, from));

    public Task<RecordHeads> RecordsAsync(JobId? after) => Task.FromResult(records.Heads(after));

    public Task ForgetCodeAsync(AssemblyId[] assemblies, string? owner)
    {
        var gone = assemblies.ToHashSet();
        foreach (var stage in leases.Stages().Where(s => s.Plan.Owner == owner && engine.Plans.Uses(s.Plan, gone)).ToArray())
        {
            engine.Blocks.RemoveAll(stage.Output);
            leases.Forget(stage.Output);
        }

        engine.ForgetCode(gone, owner);
        return Task.CompletedTask;
    }

    public Task<EventPage> EventsAsync(EventQuery query, long from) => Task.FromResult(events.Read(query, from));

    public Task<SaidPage> SaidAsync(JobId job, int from) => Task.FromResult(said.Read(job, from));

    public Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost) => Task.FromResult(events.Witnessed(context, lost));

    public async Task PrepareAsync(PlanRef plan) => (await engine.PrepareAsync(plan, pool.Known, CancellationToken.None)).Dispose();

    private KeptRdd KeptHere(StageSpec stage)
    {
        var blocks = engine.Blocks.Of(stage.Output).Where(static b => b.Block is not UnkeptBlock).ToArray();
        return new KeptRdd(
            stage.Output, stage.Name, stage.StorageLevel, stage.NumPartitions,
            PartitionRuns.Of(blocks.Select(static b => b.Part.Partition).Distinct().Order().ToArray()),
            blocks.Sum(static b => b.Block.Bytes), blocks.Sum(static b => b.Block.DiskBytes), stage.Plan.Owner, stage.Recipe);
    }
}

/// <summary>What a silo says about itself beyond its engine. Hosting provides it.</summary>
internal interface IWorkerIdentity
{
    /// <summary>The silo's name.</summary>
    string Name { get; }

    /// <summary>Host and port of the silo.</summary>
    string Address { get; }

    /// <summary>Where blocks and blobs are read; empty when the silo has no data plane.</summary>
    string DataAddress { get; }

    /// <summary>How the worker is now.</summary>
    sealed WorkerDescription Describe(WorkerEngine engine) => new(
        engine.Id, Name, Address, engine.Slots, engine.SlotsBusy, engine.Blocks.Bytes, engine.Memory.Limit, DataAddress, engine.GivenUp)
    {
        Protocol = ProtocolNumber.Current,
        Zone = LocalZone.Current.ToString(),
    };
}
