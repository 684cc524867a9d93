namespace MicroSpark.Plans;

/// <summary>What the user said of a recipe after declaring it. Children see later changes, as in Spark.</summary>
internal sealed class NodeMarks
{
    public volatile string? Name;

    public volatile StorageLevel StorageLevel = StorageLevel.None;

    /// <summary>Null unless it is, or is to be, checkpointed.</summary>
    public volatile CheckpointMark? Checkpoint;
}

/// <summary>
/// Marks a recipe for a checkpoint after the first action on it. Afterwards it holds the replacement: a node of the same lineage id without
/// parents, which every later plan has instead.
/// </summary>
/// <param name="write">Computes all partitions where they will be kept, and gives the node that reads them.</param>
internal sealed class CheckpointMark(bool local, Func<CancellationToken, Task<PlanNode>> write)
{
    private int _started;
    private volatile PlanNode? _substitute;

    /// <summary>Kept by the workers, not in a folder.</summary>
    public bool Local => local;

    /// <summary>Null until it is written.</summary>
    public PlanNode? Substitute => _substitute;

    /// <summary>Whether nobody has begun to write it.</summary>
    public bool IsPending => Volatile.Read(ref _started) == 0;

    /// <summary>Writes it, unless somebody does. After a failure the next action tries again.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            return;
        }

        try
        {
            _substitute = await write(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_substitute is null)
            {
                Volatile.Write(ref _started, 0);
            }
        }
    }
}
