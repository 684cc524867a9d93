using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Contracts;

/// <summary>A worker as lists and placement see it.</summary>
[GenerateSerializer, Immutable, Alias("microspark.WorkerDescription")]
internal sealed record WorkerDescription(
    WorkerId Id, string Name, string Address, int Slots,
    int SlotsBusy, long MemoryUsed, long MemoryBudget,
    string DataAddress)
{
    /// <summary>Its address without the port: workers that have the same are on one host.</summary>
    public string Host => Address[..Math.Max(0, Address.LastIndexOf(':'))];
}

/// <summary>What the tasks of one stage have in common.</summary>
[GenerateSerializer, Immutable, Alias("microspark.StageSpec")]
internal sealed record StageSpec(
    JobId Job, ContextId Context, PlanRef Plan, int Node,
    LineageId Output, int StageId, OutputKind Kind, string? Name,
    byte StorageLevel, int NumPartitions, bool SideEffects,
    TaskPolicy Policy, bool Barrier = false)
{
    public static StageSpec Of(JobId job, ContextId context, PlanRef plan, PlanSkeleton skeleton, int node, LineageId output, TaskPolicy policy)
    {
        var n = skeleton.Nodes[node];
        return new StageSpec(
            job, context, plan, node, output, n.StageId, n.Output, n.Name ?? n.Operator, n.StorageLevel, n.NumPartitions, n.SideEffects, policy, n.Barrier);
    }
}

/// <summary>How often a failing task is tried, whether a slow one is tried a second time elsewhere, and how large results may get.</summary>
/// <param name="MaxResultSize">Bytes that all results of the job may take together in memory; 0 for no limit.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskPolicy")]
internal readonly record struct TaskPolicy(int MaxTaskFailures, bool Speculation, long MaxResultSize = 0);

/// <summary>Where readers of one input look: the version of its map that has everything they need.</summary>
[GenerateSerializer, Immutable, Alias("microspark.InputVersion")]
internal readonly record struct InputVersion(LineageId Lineage, long Version);

/// <summary>Which content of an input tasks have read, as a mix of its partitions' fingerprints.</summary>
[GenerateSerializer, Immutable, Alias("microspark.InputContent")]
internal readonly record struct InputContent(LineageId Lineage, ulong Content);

/// <summary>One task of a batch.</summary>
/// <param name="Copy">The attempt's output is elsewhere and is to be copied.</param>
[GenerateSerializer, Immutable, Alias("microspark.TaskItem")]
internal readonly record struct TaskItem(int Partition, AttemptId Attempt, int AttemptNumber, bool Copy = false);

/// <summary>Tasks of one stage for one worker.</summary>
[GenerateSerializer, Immutable, Alias("microspark.TaskBatch")]
internal sealed record TaskBatch(
    BatchId Id, StageSpec Stage, InputVersion[] Inputs, TaskItem[] Tasks);

/// <summary>Reports of a batch, in the order in which the tasks ended.</summary>
/// <param name="First">How many reports come before these.</param>
/// <param name="Finished">Nothing more will come.</param>
/// <param name="Unknown">There is no such batch (any more).</param>
[GenerateSerializer, Immutable, Alias("microspark.ReportPage")]
internal sealed record ReportPage(
    int First, TaskReport[] Reports, bool Finished, bool Unknown)
{
    public static ReportPage None { get; } = new(0, [], Finished: true, Unknown: true);

    public int Next => First + Reports.Length;
}

/// <summary>The blocks of one recipe that a worker holds.</summary>
/// <param name="NumPartitions">Of the recipe; null when the worker never ran it.</param>
[GenerateSerializer, Immutable, Alias("microspark.HeldBlocks")]
internal sealed record HeldBlocks(int? NumPartitions, HeldBlock[] Blocks);

/// <summary>One held block.</summary>
/// <param name="Updates">What its task added to accumulators.</param>
[GenerateSerializer, Immutable, Alias("microspark.HeldBlock")]
internal readonly record struct HeldBlock(
    int Partition, AttemptId Attempt, long Bytes, ulong Fingerprint, byte[]? Updates);

/// <summary>A persisted recipe as one worker sees it.</summary>
[GenerateSerializer, Immutable, Alias("microspark.KeptRdd")]
internal sealed record KeptRdd(
    LineageId Lineage, string? Name, byte StorageLevel, int NumPartitions,
    int[] Partitions, long MemoryBytes, long DiskBytes);
