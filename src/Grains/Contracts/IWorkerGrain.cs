using MicroSpark.Engine;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// One silo's <see cref="WorkerEngine"/>, reachable. The key is the silo's address with its generation. The grain lives on that silo or
/// nowhere. So a call to a lost silo fails, instead of finding an empty worker elsewhere.
/// </summary>
[Alias("microspark.IWorkerGrain"), RequiresProof]
internal interface IWorkerGrain : IGrainWithStringKey
{
    [AlwaysInterleave, Alias("Describe")]
    Task<WorkerDescription> DescribeAsync();

    /// <summary>
    /// Queues the batch's tasks, unless the batch is known already, and replies with the first reports. The reply comes when all tasks have
    /// ended, when the worker has room for more, a few milliseconds after a task has ended, or when the slice is over: within a second.
    /// </summary>
    [AlwaysInterleave, Alias("RunBatch")]
    Task<ReportPage> RunBatchAsync([Immutable] TaskBatch batch);

    /// <summary>
    /// The reports that the caller has not seen; asking again gives the same. A batch whose owner's silo is lost, or that nobody asks
    /// about for 30 s, is cancelled; then <see cref="ReportPage.Unknown"/> is set.
    /// </summary>
    [AlwaysInterleave, Alias("Next")]
    Task<ReportPage> NextAsync([Immutable] BatchPoll poll);

    /// <summary>Tells a worker that is being polled that its owner has more tasks than it said.</summary>
    [AlwaysInterleave, Alias("Offer")]
    Task OfferAsync(BatchId batch, int pending);

    /// <summary>
    /// From now on these jobs wait for the batch's tasks: they run at the largest share among them, and are charged to each.
    /// </summary>
    [AlwaysInterleave, Alias("Share")]
    Task ShareAsync(BatchId batch, [Immutable] JobStake[] jobs);

    /// <summary>
    /// Keeps slots for tasks that run together. True when they are kept; false when they did not come free within a second. Asked again, it
    /// tells the same. What nobody uses for 30 s is given back.
    /// </summary>
    /// <param name="above">On threads above the slots, at once.</param>
    /// <param name="owner">The worker on the silo that asks: when it dies, they are given back at once.</param>
    [AlwaysInterleave, Alias("Reserve")]
    Task<bool> ReserveAsync(BatchId reservation, int slots, bool above, WorkerId? owner);

    /// <summary>
    /// Keeps all slots for a task that runs alone, once those that run have ended. False while they have not: asked again, it waits on.
    /// What nobody asks for or uses for 30 s is given back.
    /// </summary>
    /// <param name="owner">As for <see cref="ReserveAsync"/>.</param>
    [AlwaysInterleave, Alias("ReserveAll")]
    Task<bool> ReserveAllAsync(BatchId reservation, WorkerId? owner);

    /// <summary>Gives kept slots back.</summary>
    [AlwaysInterleave, Alias("Unreserve")]
    Task UnreserveAsync(BatchId reservation);

    /// <summary>Stops some tasks of the batch, or all when <paramref name="partitions"/> is null. They are reported as cancelled.</summary>
    /// <param name="partitions">Of tasks that the worker has: no more than a window holds, a few thousand.</param>
    [AlwaysInterleave, Alias("CancelBatch")]
    Task CancelBatchAsync(BatchId batch, [Immutable] int[]? partitions);

    /// <summary>
    /// Takes up to <paramref name="most"/> tasks of the batch back that no slot has taken, the last first. They are reported so.
    /// </summary>
    [AlwaysInterleave, Alias("TakeBack")]
    Task TakeBackAsync(BatchId batch, int most);

    /// <summary>
    /// What this worker holds of a recipe, from one partition on, as much as fits into a reply: how an RddGrain that activates anew learns
    /// what is computed.
    /// </summary>
    [AlwaysInterleave, Alias("BlocksOf"), ResponseTimeout("00:00:10")]
    Task<HeldBlocks> BlocksOfAsync(LineageId lineage, int from);

    /// <summary>A recipe's blocks are still in use.</summary>
    [AlwaysInterleave, Alias("Touch")]
    Task TouchAsync(LineageId lineage);

    /// <summary>Removes every block of a recipe.</summary>
    [AlwaysInterleave, Alias("Drop")]
    Task DropAsync(LineageId lineage);

    /// <summary>Forgets somebody's broadcast value, and those of its pieces that are named and nobody else brought.</summary>
    /// <param name="owner">See <see cref="PlanRef.Owner"/>.</param>
    [AlwaysInterleave, Alias("DropBroadcast")]
    Task DropBroadcastAsync(LineageId content, [Immutable] BlobName[] chunks, string? owner);

    /// <summary>Keeps what the context holds for another 60 s.</summary>
    [AlwaysInterleave, Alias("RenewLease")]
    Task RenewLeaseAsync(ContextId context);

    /// <summary>Puts a recipe's blocks under the context's lease.</summary>
    [AlwaysInterleave, Alias("Hold")]
    Task HoldAsync(LineageId lineage, ContextId context);

    /// <summary>Drops the context's hold; true when another context still holds the recipe.</summary>
    /// <param name="others">Those of whose hold the caller knows; this worker knows whether they still live.</param>
    [AlwaysInterleave, Alias("Release")]
    Task<bool> ReleaseAsync(LineageId lineage, ContextId context, [Immutable] ContextId[] others);

    /// <summary>The persisted recipes of which this worker holds blocks: those behind one, or from the first on.</summary>
    [AlwaysInterleave, Alias("Kept")]
    Task<KeptRdds> KeptAsync(LineageId? after);

    /// <summary>
    /// Appends to a job's record, or begins it anew with a snapshot. All later saves of the job wait for the answer, so it is not waited
    /// for long: another worker can be asked.
    /// </summary>
    [AlwaysInterleave, Alias("WriteRecord"), ResponseTimeout("00:00:05")]
    Task<RecordReply> WriteRecordAsync([Immutable] RecordWrite write);

    /// <summary>A job's record from one entry on; null when this worker keeps none.</summary>
    [AlwaysInterleave, Alias("ReadRecord"), ResponseTimeout("00:00:10")]
    Task<RecordPage?> ReadRecordAsync(JobId job, int from);

    /// <summary>The heads of the records that this worker keeps: those behind a job's, or from the first on.</summary>
    [AlwaysInterleave, Alias("Heads")]
    Task<RecordHeads> RecordsAsync(JobId? after);

    /// <summary>Forgets code that somebody will not use again: what he has made by it goes with it.</summary>
    /// <param name="owner">See <see cref="PlanRef.Owner"/>.</param>
    [AlwaysInterleave, Alias("ForgetCode")]
    Task ForgetCodeAsync([Immutable] AssemblyId[] assemblies, string? owner);

    /// <summary>What this worker's tasks and blocks did, after the first <paramref name="from"/> events.</summary>
    [AlwaysInterleave, Alias("Events")]
    Task<EventPage> EventsAsync([Immutable] EventQuery query, long from);

    /// <summary>What the tasks of a job that was driven here said, without the first <paramref name="from"/> lines.</summary>
    [AlwaysInterleave, Alias("Said")]
    Task<SaidPage> SaidAsync(JobId job, int from);

    /// <summary>What owners of tasks on this silo were told by a worker that is lost.</summary>
    [AlwaysInterleave, Alias("Witnessed")]
    Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost);

    /// <summary>Workers died while they had these tasks: whoever owns the stage next needs to know.</summary>
    [AlwaysInterleave, Alias("NoteDeaths")]
    Task NoteDeathsAsync(DeathNote note);

    /// <summary>Another worker tells how it is now: placement needs to know.</summary>
    [AlwaysInterleave, Alias("Meet")]
    Task MeetAsync(WorkerDescription worker);

    /// <summary>Pulls what the plan needs, so that this worker holds a copy of it.</summary>
    [AlwaysInterleave, Alias("Prepare")]
    Task PrepareAsync([Immutable] PlanRef plan);
}
