using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>Answers clients about the cluster as a whole, on whichever silo they reach. Holds nothing.</summary>
[Alias("microspark.IClusterGrain"), RequiresProof]
internal interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>The live workers, as they are now.</summary>
    [Alias("Workers"), ResponseTimeout("00:00:10")]
    Task<WorkerDescription[]> WorkersAsync();

    /// <summary>All jobs that any worker keeps a record of, newest first.</summary>
    [Alias("Jobs"), ResponseTimeout("00:00:10")]
    Task<JobSummary[]> JobsAsync();

    /// <summary>The persisted recipes, over all workers.</summary>
    [Alias("Kept"), ResponseTimeout("00:00:10")]
    Task<KeptTotal[]> KeptAsync();

    /// <summary>What the live workers' tasks and blocks did since the caller last asked.</summary>
    [Alias("Events"), ResponseTimeout("00:00:10")]
    Task<EventPage[]> EventsAsync([Immutable] EventQuery query);

    /// <summary>What a job's tasks said, as the live workers that drove it keep it.</summary>
    /// <param name="seen">How many lines of each keeper are known.</param>
    [Alias("Said"), ResponseTimeout("00:00:10")]
    Task<SaidPage[]> SaidAsync(JobId job, [Immutable] EventCursor[] seen);

    /// <summary>
    /// What the live workers know of a lost one's tasks because owners of those tasks live there: attempts may come twice.
    /// </summary>
    [Alias("Witnessed"), ResponseTimeout("00:00:10")]
    Task<StageSpans[]> WitnessedAsync(ContextId context, WorkerId lost);

    /// <summary>Makes all workers forget the caller's broadcast value, and its pieces at all but <paramref name="keepers"/>.</summary>
    [Alias("DropBroadcast"), ResponseTimeout("00:00:10")]
    Task DropBroadcastAsync(LineageId content, BlobName[] chunks, WorkerId[] keepers);

    /// <summary>Makes all workers forget code that the caller will not use again, and what he has made by it.</summary>
    [Alias("ForgetCode"), ResponseTimeout("00:00:10")]
    Task ForgetCodeAsync([Immutable] AssemblyId[] assemblies);

    /// <summary>
    /// A context's program can no longer name these outputs of the caller's own recipes: they go unless another context holds them.
    /// </summary>
    /// <param name="outputs">As the caller's plans name them.</param>
    /// <returns>Those of which it is to be said again.</returns>
    [Alias("ReleaseOutputs"), ResponseTimeout("00:01:00")]
    Task<LineageId[]> ReleaseOutputsAsync(ContextId context, [Immutable] LineageId[] outputs);

    /// <summary>Drops a context's hold on one of the caller's own recipes; the blocks go when nobody else holds them.</summary>
    /// <param name="recipe">As the caller's plan names it.</param>
    [Alias("Unpersist"), ResponseTimeout("00:01:00")]
    Task UnpersistAsync(ContextId context, LineageId recipe);

    /// <summary><see cref="IRddGrain.UpdatesAsync"/> of one of the caller's own recipes.</summary>
    /// <param name="recipe">As the caller's plan names it.</param>
    [Alias("Updates"), ResponseTimeout("00:00:30")]
    Task<UpdatePage> UpdatesAsync(LineageId recipe, int from);

    /// <summary>Under which name the caller's outputs are kept apart from those of others; null for the cluster's own secret.</summary>
    [Alias("Owner"), ResponseTimeout("00:00:10")]
    Task<string?> OwnerAsync();

    /// <summary>Renews a context's lease at all workers.</summary>
    [Alias("RenewLease"), ResponseTimeout("00:00:10")]
    Task RenewLeaseAsync(ContextId context);
}
