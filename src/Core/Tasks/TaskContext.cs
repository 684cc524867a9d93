using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark;

/// <summary>What a running task may ask about itself. <see cref="Current"/> is null outside a task.</summary>
public sealed class TaskContext
{
    [ThreadStatic]
    private static TaskContext? t_current;

    internal TaskContext(int partitionIndex, int stageId, int attemptNumber, long taskAttemptId, int numPartitions)
    {
        PartitionIndex = partitionIndex;
        StageId = stageId;
        AttemptNumber = attemptNumber;
        TaskAttemptId = taskAttemptId;
        NumPartitions = numPartitions;
    }

    /// <summary>The task that the calling thread runs; null on the client.</summary>
    public static TaskContext? Current
    {
        get => t_current;
        internal set => t_current = value;
    }

    /// <summary>The user code of the worker that runs the task.</summary>
    internal CodeSpace Code { get; init; } = CodeSpace.Process;

    /// <summary>The broadcast values of the worker that runs the task.</summary>
    internal BroadcastStore? Broadcasts { get; init; }

    /// <summary>The workers that hold what the task's plan needs.</summary>
    internal IReadOnlyList<WorkerId> PlanHolders { get; init; } = [];

    /// <summary>What the task reads.</summary>
    internal TaskCounters? Counters { get; init; }

    /// <summary>What the task adds to accumulators; null until it captures one.</summary>
    internal TaskAccumulators? Accumulators { get; set; }

    /// <summary>The partition that the task computes, from 0.</summary>
    public int PartitionIndex { get; }

    /// <summary>The stage: narrow operators fused together share it, a shuffle begins another.</summary>
    public int StageId { get; }

    /// <summary>0 for the first attempt.</summary>
    public int AttemptNumber { get; }

    /// <summary>Unique among all attempts of all tasks.</summary>
    public long TaskAttemptId { get; }

    /// <summary>Partitions of the stage.</summary>
    public int NumPartitions { get; }
}
