using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Slots;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>A worker as lists and placement see it.</summary>
/// <param name="GivenUp">Tasks that were cancelled, did not end, and still hold their thread and memory.</param>
[GenerateSerializer, Immutable, Alias("microspark.WorkerDescription")]
internal sealed record WorkerDescription(
    [property: Id(0)] WorkerId Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string Address,
    [property: Id(3)] int Slots,
    [property: Id(4)] int SlotsBusy,
    [property: Id(5)] long MemoryUsed,
    [property: Id(6)] long MemoryBudget,
    [property: Id(7)] string DataAddress,
    [property: Id(8)] int GivenUp = 0)
{
    /// <summary>Of its build; a build that does not tell has none.</summary>
    [Id(9)]
    public ProtocolNumber Protocol { get; init; }

    /// <summary>Its process's local time zone, as <see cref="LocalZone"/> tells it; null from a build that does not tell.</summary>
    [Id(10)]
    public string? Zone { get; init; }

    /// <summary>Whether it has a task that does not end, and so memory and a thread that nobody counts on.</summary>
    public bool Strained => GivenUp > 0;

    /// <summary>Its address without the port: workers that have the same are on one host.</summary>
    public string Host => Address[..Math.Max(0, Address.LastIndexOf(':'))];
}

/// <summary>What the tasks of one stage have in common.</summary>
/// <param name="Recipe">The id of the output that the plan's client knows, where it is another than <paramref name="Output"/>.</param>
[GenerateSerializer, Immutable, Alias("microspark.StageSpec")]
internal sealed record StageSpec(
    [property: Id(0)] JobId Job,
    [property: Id(1)] ContextId Context,
    [property: Id(2)] PlanRef Plan,
    [property: Id(3)] int Node,
    [property: Id(4)] LineageId Output,
    [property: Id(5)] int StageId,
    [property: Id(6)] OutputKind Kind,
    [property: Id(7)] string? Name,
    [property: Id(8)] byte StorageLevel,
    [property: Id(9)] int NumPartitions,
    [property: Id(10)] bool SideEffects,
    [property: Id(11)] TaskPolicy Policy,
    [property: Id(12)] bool Barrier = false,
    [property: Id(13)] LineageId? Recipe = null)
{
    public static StageSpec Of(
        JobId job, ContextId context, PlanRef plan, PlanSkeleton skeleton, int node, LineageId output, TaskPolicy policy)
    {
        var n = skeleton.Nodes[node];
        return new StageSpec(
            job, context, plan, node, output, n.StageId, n.Output, n.Name ?? n.Operator, n.StorageLevel, n.NumPartitions, n.SideEffects,
            policy, n.Barrier, n.Recipe);
    }
}

/// <summary>
/// How often a failing task is tried, whether a slow one is tried a second time elsewhere, how large results may get, and whose part of
/// the slots the tasks take.
/// </summary>
/// <param name="MaxResultSize">Bytes that all results of the job may take together in memory; 0 for no limit.</param>
/// <param name="MaxWorkerDeaths">Workers that may die under one task; 0 where nothing was said.</param>
/// <param name="NoWorkerTimeout">How long its tasks wait for a worker when there is none; zero where nothing was said.</param>
/// <param name="SparesOwner">An owner of the tasks was lost, perhaps to one of them, and with it the number of deaths. The next one
/// lives to count them: no task runs on its silo while the cluster has others.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskPolicy")]
internal readonly record struct TaskPolicy(
    [property: Id(0)] int MaxTaskFailures,
    [property: Id(1)] bool Speculation,
    [property: Id(2)] long MaxResultSize = 0,
    [property: Id(3)] JobShare Share = default,
    [property: Id(4)] int MaxWorkerDeaths = 0,
    [property: Id(5)] TimeSpan NoWorkerTimeout = default,
    [property: Id(6)] bool SparesOwner = false)
{
    private const int UsualWorkerDeaths = 4;
    private static readonly TimeSpan s_usualPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_leastForPlan = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_mostForPlan = TimeSpan.FromMinutes(2);

    /// <summary>With so many deaths of workers under it a task has failed.</summary>
    public int MostDeaths => MaxWorkerDeaths > 0 ? MaxWorkerDeaths : UsualWorkerDeaths;

    /// <summary>So long it waits for a worker when there is none.</summary>
    public TimeSpan NoWorkerPatience => NoWorkerTimeout > TimeSpan.Zero ? NoWorkerTimeout : s_usualPatience;

    /// <summary>
    /// So long it waits for what no live worker has: its client puts it again every few seconds, once it is known that those that had it
    /// are gone. What nobody puts again, as a broadcast that was destroyed, is not waited for as long as for a machine.
    /// </summary>
    public TimeSpan PlanPatience => NoWorkerPatience < s_leastForPlan ? s_leastForPlan
        : NoWorkerPatience > s_mostForPlan ? s_mostForPlan : NoWorkerPatience;
}

/// <summary>What the owner of a stage saw of tasks that may end their workers' processes.</summary>
/// <param name="Stage">The output that the tasks compute.</param>
/// <param name="Died">A worker that died while it had these tasks; null when they have succeeded, and are under suspicion no more.</param>
[GenerateSerializer, Immutable, Alias("microspark.DeathNote")]
internal sealed record DeathNote(
    [property: Id(0)] JobId Job,
    [property: Id(1)] LineageId Stage,
    [property: Id(2)] int[] Partitions,
    [property: Id(3)] WorkerId? Died);

/// <summary>Where a job stands among others that want slots; all defaults for a job that says nothing.</summary>
/// <param name="Application">The name of the client's program.</param>
/// <param name="Group">The job's group; null for none.</param>
/// <param name="Weight">Of the group, 1 to 100.</param>
/// <param name="Submitted">In ticks of the client's clock.</param>
/// <param name="Owner">Who submitted it; the job's grain puts it in. Null for whoever has the cluster's own secret.</param>
[GenerateSerializer, Immutable, Alias("microspark.JobShare")]
internal readonly record struct JobShare(
    [property: Id(0)] string? Application,
    [property: Id(1)] string? Group,
    [property: Id(2)] int Weight,
    [property: Id(3)] long Submitted,
    [property: Id(4)] string? Owner = null)
{
    public TaskShare Of(ContextId context, JobId job) => new(context.Value, Application ?? "", Group, Weight, job, Submitted, Owner);
}

/// <summary>A job that waits for tasks of a stage, and its place among others.</summary>
[GenerateSerializer, Immutable, Alias("microspark.JobStake")]
internal readonly record struct JobStake(
    [property: Id(0)] ContextId Context,
    [property: Id(1)] JobId Job,
    [property: Id(2)] JobShare Share)
{
    public TaskShare ToShare() => Share.Of(Context, Job);
}

/// <summary>Where readers of one input look: the version of its map that has everything they need.</summary>
[GenerateSerializer, Immutable, Alias("microspark.InputVersion")]
internal readonly record struct InputVersion([property: Id(0)] LineageId Lineage, [property: Id(1)] long Version);

/// <summary>Which content of an input tasks have read, as a mix of its partitions' fingerprints.</summary>
[GenerateSerializer, Immutable, Alias("microspark.InputContent")]
internal readonly record struct InputContent([property: Id(0)] LineageId Lineage, [property: Id(1)] ulong Content);

/// <summary>One task of a batch.</summary>
/// <param name="Copy">The attempt's output is elsewhere and is to be copied.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskItem")]
internal readonly record struct TaskItem(
    [property: Id(0)] int Partition,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] int AttemptNumber,
    [property: Id(3)] bool Copy = false);

/// <summary>The first tasks of one stage that an owner hands to a worker. What follows goes along with its polls.</summary>
/// <param name="Pending">Tasks that the owner has besides and would hand out to this worker.</param>
/// <param name="Reservation">The slots that are kept for them; null when they take their turn.</param>
/// <param name="Jobs">The jobs that wait for them; null for the stage's own.</param>
/// <param name="Owner">The worker on the silo that hands them out; null when it has none.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskBatch")]
internal sealed record TaskBatch(
    [property: Id(0)] BatchId Id,
    [property: Id(1)] StageSpec Stage,
    [property: Id(2)] InputVersion[] Inputs,
    [property: Id(3)] TaskItem[] Tasks,
    [property: Id(4)] int Pending = 0,
    [property: Id(5)] BatchId? Reservation = null,
    [property: Id(6)] JobStake[]? Jobs = null,
    [property: Id(7)] WorkerId? Owner = null);

/// <summary>An owner asks for reports of its batch, and hands out what the worker has asked for.</summary>
/// <param name="Seen">How many reports it has.</param>
/// <param name="Sent">How many tasks it has sent before: those of a poll that is repeated are known by it.</param>
/// <param name="Tasks">More tasks of the batch.</param>
/// <param name="Pending">Tasks that it has besides.</param>
[GenerateSerializer, Immutable, Alias("microspark.BatchPoll")]
internal sealed record BatchPoll(
    [property: Id(0)] BatchId Batch,
    [property: Id(1)] int Seen,
    [property: Id(2)] int Sent,
    [property: Id(3)] TaskItem[] Tasks,
    [property: Id(4)] int Pending = 0)
{
    /// <summary>Of a batch that was sent whole.</summary>
    public static BatchPoll Of(TaskBatch batch, int seen) => new(batch.Id, seen, batch.Tasks.Length, []);
}

/// <summary>Reports of a batch, in the order in which the tasks ended.</summary>
/// <param name="First">How many reports come before these.</param>
/// <param name="Finished">Nothing more will come, unless more is sent.</param>
/// <param name="Unknown">There is no such batch (any more).</param>
/// <param name="Wanted">How many more tasks the worker would take with the next poll.</param>
/// <param name="Queued">How many of the batch's tasks no slot has taken yet.</param>
/// <param name="Running">How far those are that a slot has taken.</param>
[GenerateSerializer, Immutable, Alias("microspark.ReportPage")]
internal sealed record ReportPage(
    [property: Id(0)] int First,
    [property: Id(1)] TaskReport[] Reports,
    [property: Id(2)] bool Finished,
    [property: Id(3)] bool Unknown,
    [property: Id(4)] int Wanted = 0,
    [property: Id(5)] int Queued = 0,
    [property: Id(6)] TaskSoFar[]? Running = null)
{
    public static ReportPage None { get; } = new(0, [], Finished: true, Unknown: true);

    public int Next => First + Reports.Length;
}

/// <summary>How far a task is that has a slot.</summary>
/// <param name="Milliseconds">Since the slot took it.</param>
/// <param name="Elements">That it has been through, at the place in its loop where it looks whether to stop; 0 where it cannot
/// tell.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskSoFar")]
internal readonly record struct TaskSoFar(
    [property: Id(0)] int Partition,
    [property: Id(1)] long Milliseconds,
    [property: Id(2)] long Elements);

/// <summary>The blocks of one recipe that a worker holds, or as many of them as fit into a reply.</summary>
/// <param name="NumPartitions">Of the recipe; null when the worker never ran it.</param>
/// <param name="Next">The partition to go on with; null at the end.</param>
[GenerateSerializer, Immutable, Alias("microspark.HeldBlocks")]
internal sealed record HeldBlocks([property: Id(0)] int? NumPartitions, [property: Id(1)] HeldBlock[] Blocks, [property: Id(2)] int? Next);

/// <summary>One held block.</summary>
/// <param name="Updates">What its task added to accumulators.</param>
[GenerateSerializer, Immutable, Alias("microspark.HeldBlock")]
internal readonly record struct HeldBlock(
    [property: Id(0)] int Partition,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] long Bytes,
    [property: Id(3)] ulong Fingerprint,
    [property: Id(4)] byte[]? Updates);

/// <summary>A persisted recipe as one worker sees it.</summary>
/// <param name="Owner">Whose it is: see <see cref="PlanRef.Owner"/>.</param>
/// <param name="Recipe">The id that its owner's programs know, where it is another.</param>
[GenerateSerializer, Immutable, Alias("microspark.KeptRdd")]
internal sealed record KeptRdd(
    [property: Id(0)] LineageId Lineage,
    [property: Id(1)] string? Name,
    [property: Id(2)] byte StorageLevel,
    [property: Id(3)] int NumPartitions,
    [property: Id(4)] PartitionRuns Partitions,
    [property: Id(5)] long MemoryBytes,
    [property: Id(6)] long DiskBytes,
    [property: Id(7)] string? Owner = null,
    [property: Id(8)] LineageId? Recipe = null);

/// <summary>Some persisted recipes, as one worker sees them, by the order of their ids.</summary>
/// <param name="Next">The last of them, when there are more.</param>
[GenerateSerializer, Immutable, Alias("microspark.KeptRdds")]
internal sealed record KeptRdds([property: Id(0)] KeptRdd[] Rdds, [property: Id(1)] LineageId? Next);

/// <summary>A persisted recipe over all workers.</summary>
/// <param name="Computed">Partitions that any of them holds.</param>
[GenerateSerializer, Immutable, Alias("microspark.KeptTotal")]
internal sealed record KeptTotal(
    [property: Id(0)] LineageId Lineage,
    [property: Id(1)] string? Name,
    [property: Id(2)] byte StorageLevel,
    [property: Id(3)] int NumPartitions,
    [property: Id(4)] int Computed,
    [property: Id(5)] long MemoryBytes,
    [property: Id(6)] long DiskBytes);
