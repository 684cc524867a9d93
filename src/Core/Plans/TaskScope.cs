using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Readers;
using MicroSpark.Stopping;
using MicroSpark.Tasks;

namespace MicroSpark.Plans;

/// <summary>
/// What one running task may reach: its plan, the kept outputs it reads, and where failures are noted. Used by one thread.
/// </summary>
internal sealed class TaskScope(
    PlanNode root, TaskSpec task, TaskInputs inputs, TaskMemory memory, IPipelines pipelines, bool fused, TaskProgress progress,
    CancellationToken cancellation)
{
    private TaskScope? _outer;
    private Exception? _failure;

    public bool Fused { get; } = fused;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>What the task may hold in memory, and where it spills.</summary>
    public TaskMemory Memory { get; } = memory;

    /// <summary>The innermost operator whose function threw; null when none is known.</summary>
    public FaultSite? Fault { get; private set; }

    /// <summary>The key with the most values that the task has grouped; null when none has many, or its type cannot be shown.</summary>
    public HeavyKey? Heaviest { get; private set; }

    /// <summary>The operator that ends the task's stage.</summary>
    public string RootOperator => root.Operator;

    /// <summary>How far the task is.</summary>
    public TaskProgress Progress { get; } = progress;

    /// <summary>Of a loop that the calling thread runs.</summary>
    public LoopProgress NewProgress() => new(ReferenceEquals(TaskProgress.Current, Progress) ? Progress : Progress.Helper());

    /// <summary>
    /// Whether the node's output is kept, so that it is read and not computed. Not so for the root of the task's own stage, unless the task
    /// copies it.
    /// </summary>
    public bool IsKept(PlanNode node) => node.Skeleton.Output != OutputKind.Fused && (task.Copy || !ReferenceEquals(root, node));

    public ChunkReader<T> ReadKept<T>(PlanNode<T> node, int partition) =>
        inputs.Read(node.Lineage, partition, () => Inside(node).Pipe(node, partition).AsReader());

    /// <summary>One bucket of all outputs of a shuffle's map side, in the order of the map partitions.</summary>
    public ChunkReader<T> ReadShuffle<T>(PlanNode shuffle, int bucket) => inputs.ReadBucket<T>(shuffle.Lineage, bucket);

    public CodeSpace Code => inputs.Code;

    public TaskSpec Task => task;

    public ReadOnlyMemory<byte> Blob(BlobName name) => inputs.Blob(name);

    /// <summary>The way from the head that feeds a partition of the node to the node.</summary>
    public IPipeline<T> Pipe<T>(PlanNode<T> node, int partition) => pipelines.Of(node, partition, this);

    /// <summary>The same task at work on a stage of which it is not the task: what was not kept is computed inside it.</summary>
    private TaskScope Inside(PlanNode root) =>
        new(root, task with { Copy = false }, inputs, Memory, pipelines, Fused, Progress, Cancellation) { _outer = this };

    /// <summary>Notes the key with the most values of some that were grouped.</summary>
    public void NoteKey<K>(K key, long values)
    {
        if (_outer is not null)
        {
            _outer.NoteKey(key, values);
        }
        else if (values >= HeavyKey.Least && values > (Heaviest?.Values ?? 0) && HeavyKey.CanShow(typeof(K)))
        {
            Heaviest = HeavyKey.Of(key, values);
        }
    }

    /// <summary>
    /// Notes where an exception came from, once: outer pipelines see the same exception pass. Used as an exception filter, and
    /// always true.
    /// </summary>
    public bool NoteFailure(Exception exception, Func<FaultSite?> site)
    {
        if (_outer is not null)
        {
            return _outer.NoteFailure(exception, site);
        }

        if (!ReferenceEquals(_failure, exception) && exception is not OperationCanceledException)
        {
            _failure = exception;
            Fault = site();
        }

        return true;
    }
}

/// <summary>Opens pipelines: the stage compiler, seen from the plan.</summary>
internal interface IPipelines
{
    IPipeline<T> Of<T>(PlanNode<T> node, int partition, TaskScope scope);
}
