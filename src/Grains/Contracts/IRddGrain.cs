using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// What is computed of one recipe whose output is kept (shuffled or persisted), and where. The key is the lineage id under which its
/// owner's outputs are kept (<see cref="LineageId.KeptFor"/>): his jobs and clients with the same recipe meet here and share its
/// computations. No client but an administrator's calls it: what a client says of a recipe comes through <see cref="IClusterGrain"/>,
/// which finds the key by who says it.
/// </summary>
[Alias("microspark.IRddGrain"), RequiresProof]
internal interface IRddGrain : IGrainWithStringKey
{
    /// <summary>
    /// Notes that the requester wants partitions, starts what is missing and nobody computes yet, its parents first, and replies at once.
    /// A requester that asks again replaces its earlier wish; an earlier failure is tried again.
    /// </summary>
    [AlwaysInterleave, Alias("Ensure")]
    Task<RddStatus> EnsureAsync([Immutable] EnsureRequest request);

    /// <summary>
    /// Replies when the requester's partitions are ready or failed, else with progress when the slice is over. The wish ends with a reply
    /// that is not <see cref="RddPhase.Pending"/>; a requester that is not known has to ensure again.
    /// </summary>
    [AlwaysInterleave, Alias("Wait")]
    Task<RddStatus> WaitAsync(RequesterId requester);

    /// <summary>
    /// The beginning of a map of where the blocks are, at least as new as <paramref name="minVersion"/>. Null when no live worker has ever
    /// run the recipe: all that was computed is lost.
    /// </summary>
    [AlwaysInterleave, Alias("Locate")]
    Task<BlockMapPage?> LocateAsync(long minVersion);

    /// <summary>More of a map, from one partition on. Null when it is not known any more: it is to be read from the beginning.</summary>
    [AlwaysInterleave, Alias("LocateRest")]
    Task<BlockMapPage?> LocateRestAsync(long version, int from);

    /// <summary>
    /// What the tasks that computed the partitions added to accumulators, without the first <paramref name="from"/> tasks, as much as fits
    /// into a reply. A partition that was computed again has its last task's. Known as long as an activation lives; after that as far as
    /// the workers still tell.
    /// </summary>
    [AlwaysInterleave, Alias("Updates")]
    Task<UpdatePage> UpdatesAsync(int from);

    /// <summary>The mix of all partitions' fingerprints as they are or last were; null when one is not known.</summary>
    [AlwaysInterleave, Alias("Content")]
    Task<ulong?> ContentAsync();

    /// <summary>
    /// A reader did not get these blocks from that worker (null: from wherever they are): they count as lost. What another attempt has
    /// computed meanwhile does not.
    /// </summary>
    [AlwaysInterleave, Alias("ReportLost")]
    Task ReportLostAsync([Immutable] BlockPart[] blocks, WorkerId? at);

    /// <summary>Ends the requester's wish. What only it wanted is stopped.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync(RequesterId requester);

    /// <summary>
    /// The context's program can no longer name the recipe: drops its hold. The blocks go when nobody else holds them, and with them all
    /// that is remembered here.
    /// </summary>
    /// <returns>False when somebody waits for some of it at this moment: to be said again later.</returns>
    [AlwaysInterleave, Alias("Leave")]
    Task<bool> LeaveAsync(ContextId context);

    /// <summary>Drops the context's hold; the blocks go when nobody else holds them.</summary>
    [AlwaysInterleave, Alias("Unhold")]
    Task UnholdAsync(ContextId context);

    /// <summary>The same for somebody who administers, whosever recipe it is: it is told to the audit.</summary>
    [AlwaysInterleave, Alias("Unpersist")]
    Task UnpersistAsync(ContextId context);
}

/// <summary>Asks for partitions (null: all) of node <paramref name="Node"/> of a plan.</summary>
[GenerateSerializer, Immutable, Alias("microspark.EnsureRequest")]
internal sealed record EnsureRequest(
    [property: Id(0)] RequesterId Requester,
    [property: Id(1)] JobId Job,
    [property: Id(2)] ContextId Context,
    [property: Id(3)] PlanRef Plan,
    [property: Id(4)] int Node,
    [property: Id(5)] PartitionRuns? Partitions,
    [property: Id(6)] TaskPolicy Policy);

/// <summary>As much of a <see cref="BlockMap"/> as fits into a reply.</summary>
/// <param name="Count">Partitions of the recipe.</param>
/// <param name="Workers">In the first page only.</param>
[GenerateSerializer, Immutable, Alias("microspark.BlockMapPage")]
internal sealed record BlockMapPage(
    [property: Id(0)] LineageId Lineage,
    [property: Id(1)] long Version,
    [property: Id(2)] int Count,
    [property: Id(3)] WorkerId[] Workers,
    [property: Id(4)] short[] WorkerOf,
    [property: Id(5)] long[] AttemptOf);

/// <summary>What one task added to accumulators.</summary>
[GenerateSerializer, Immutable, Alias("microspark.TaskUpdates")]
internal readonly record struct TaskUpdates(
    [property: Id(0)] LineageId Lineage,
    [property: Id(1)] int Partition,
    [property: Id(2)] AttemptId Attempt,
    [property: Id(3)] byte[] Updates);

/// <summary>Some tasks' updates.</summary>
/// <param name="Next">Where to go on; null at the end.</param>
[GenerateSerializer, Immutable, Alias("microspark.UpdatePage")]
internal sealed record UpdatePage([property: Id(0)] TaskUpdates[] Tasks, [property: Id(1)] int? Next)
{
    /// <summary>About what one takes in a message beside its bytes.</summary>
    private const int TaskBytes = 64;

    /// <summary>The same, as those of the recipe that a client knows.</summary>
    public UpdatePage Of(LineageId recipe) => this with { Tasks = Array.ConvertAll(Tasks, task => task with { Lineage = recipe }) };

    public static UpdatePage Of(IEnumerable<TaskUpdates> all, int from)
    {
        var tasks = new List<TaskUpdates>();
        var bytes = 0L;
        foreach (var task in all.Skip(from))
        {
            if (bytes > Pages.Largest)
            {
                return new UpdatePage([.. tasks], from + tasks.Count);
            }

            tasks.Add(task);
            bytes += task.Updates.Length + TaskBytes;
        }

        return new UpdatePage([.. tasks], null);
    }
}

/// <summary>Where a wish stands.</summary>
internal enum RddPhase : byte
{
    Pending = 0,
    Ready = 1,
    Failed = 2,

    /// <summary>The grain does not know the requester: it was activated anew.</summary>
    Unknown = 3,
}

/// <summary>The answer to a requester about its wish.</summary>
/// <param name="Version">Of the block map that has everything wished for, when ready.</param>
/// <param name="Content">
/// A mix of all partitions' fingerprints, when ready and all are wished for. A mix that differs from the one before means that a partition
/// was computed again and came out different. Then all data made of the former partition is invalid.
/// </param>
/// <param name="Failure">Why it failed; the stage in it may be one further up.</param>
/// <param name="Stages">Progress of this stage and of those it waited for.</param>
[GenerateSerializer, Immutable, Alias("microspark.RddStatus")]
internal sealed record RddStatus(
    [property: Id(0)] RddPhase Phase,
    [property: Id(1)] long Version,
    [property: Id(2)] ulong? Content,
    [property: Id(3)] StageFailure? Failure,
    [property: Id(4)] StageState[] Stages)
{
    public static RddStatus Unknown { get; } = new(RddPhase.Unknown, 0, null, null, []);
}
