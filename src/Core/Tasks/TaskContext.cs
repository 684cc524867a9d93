using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark;

/// <summary>What a running task may ask about itself. <see cref="Current"/> is null outside a task.</summary>
public sealed class TaskContext
{
    [ThreadStatic]
    private static TaskContext? t_current;

    private static readonly AsyncLocal<Flow?> s_flow = new();

    private Flow? _flow;
    private ILogger? _logger;
    private ConsoleLines? _console;

    internal TaskContext(int partitionIndex, int stageId, int attemptNumber, long taskAttemptId, int numPartitions)
    {
        PartitionIndex = partitionIndex;
        StageId = stageId;
        AttemptNumber = attemptNumber;
        TaskAttemptId = taskAttemptId;
        NumPartitions = numPartitions;
    }

    /// <summary>
    /// The task that the calling code runs in, also behind an await and inside what it hands to the thread pool; null on the client, and in
    /// what goes on when the task is over.
    /// </summary>
    public static TaskContext? Current => t_current ?? s_flow.Value?.Task;

    /// <summary>The task that the calling thread itself runs, or stands in for.</summary>
    internal static TaskContext? OfThread
    {
        get => t_current;
        set => t_current = value;
    }

    /// <summary>The user code of the task's plan.</summary>
    internal CodeSpace Code { get; init; } = CodeSpace.Process;

    /// <summary>The broadcast values of the worker that runs the task.</summary>
    internal BroadcastStore? Broadcasts { get; init; }

    /// <summary>The workers that hold what the task's plan needs.</summary>
    internal IReadOnlyList<WorkerId> PlanHolders { get; init; } = [];

    /// <summary>What nobody will bring any more: see <see cref="PlanRef.Gone"/>.</summary>
    internal IReadOnlyList<BlobName> PlanGone { get; init; } = [];

    /// <summary>Whose the task's plan is: see <see cref="PlanRef.Owner"/>.</summary>
    internal string? PlanOwner { get; init; }

    /// <summary>The job for which the task runs; another job may take what it computes.</summary>
    internal JobId Job { get; init; }

    /// <summary>What its lines are told apart by.</summary>
    internal TaskLabel Label => new(Job, StageId, PartitionIndex, AttemptNumber);

    /// <summary>Where the task says something; null where nobody listens.</summary>
    internal ITaskLog? Log { get; init; }

    /// <summary>What the task writes to the console; null where that is not its worker's to tell.</summary>
    internal ConsoleLines? Console
    {
        get
        {
            if (_console is null && Log is { TakesConsole: true } log)
            {
                Interlocked.CompareExchange(ref _console, new ConsoleLines(log, Label), null);
            }

            return _console;
        }
    }

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

    /// <summary>
    /// For what the task has to say: its lines go to the worker's log, and with job, stage and partition to the log of the job's client, as
    /// <see cref="MicroSparkOptions.TaskLog"/> allows. A line is one line: control characters in it are spelled out. Scopes are not kept.
    /// </summary>
    public ILogger Logger => _logger ??= Log is null ? NullLogger.Instance : new TaskLogger(Log, Label);

    /// <summary>Begins the task on the calling thread.</summary>
    internal void Begin()
    {
        t_current = this;
        s_flow.Value = _flow = new Flow { Task = this };
    }

    /// <summary>Ends the task, if one has begun, on the thread that began it.</summary>
    internal static void End()
    {
        try
        {
            t_current?._console?.End();
        }
        finally
        {
            if (t_current?._flow is { } flow)
            {
                // Whatever the program has started and left keeps its flow of execution, and must not keep the task with it.
                flow.Task = null;
                s_flow.Value = null;
            }

            t_current = null;
        }
    }

    private sealed class Flow
    {
        public volatile TaskContext? Task;
    }
}
