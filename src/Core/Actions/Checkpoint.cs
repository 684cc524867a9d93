using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>Whether a checkpoint stands for this RDD's lineage: after the first action on it, or on an RDD made of it.</summary>
    public bool IsCheckpointed => _node.Marks.Checkpoint is { Substitute: not null };

    /// <summary>
    /// Saves all partitions in the directory of <c>context.SetCheckpointDirectory</c>. A job of its own does this after the first action on
    /// this RDD, or on an RDD made of it. From then on the partitions are read from there and not computed from their lineage. Cache it
    /// too, or it is computed twice. Keeps partition count, partitioner and <see cref="Lineage"/>. The files stay until somebody deletes
    /// them.
    /// </summary>
    /// <returns>This RDD.</returns>
    /// <exception cref="InvalidOperationException">No directory was set.</exception>
    public Rdd<T> Checkpoint()
    {
        Runner.EnsureUsable();
        var directory = Runner.CheckpointDirectory
            ?? throw new InvalidOperationException(
                "There is no directory for checkpoints. Call context.SetCheckpointDirectory(path) first, or use LocalCheckpoint().");
        if (_node.Marks.Checkpoint is not { Local: false })
        {
            _node.Marks.Checkpoint = new CheckpointMark(local: false, token => SaveCheckpointAsync(directory, token));
        }

        return this;
    }

    /// <summary>
    /// Cuts the lineage after the first action on this RDD, or on one made of it: from then on its partitions are only where the workers
    /// keep them. Raises the storage level to one that uses disk: none to <c>MemoryAndDisk</c>, a memory-only one to its sibling. Quicker
    /// than <see cref="Checkpoint"/>; when a worker is lost, jobs that need its partitions fail.
    /// </summary>
    /// <returns>This RDD.</returns>
    public Rdd<T> LocalCheckpoint()
    {
        Runner.EnsureUsable();
        if (_node.Marks.Checkpoint is null)
        {
            _node.Marks.StorageLevel = StorageLevel == StorageLevel.None ? StorageLevel.MemoryAndDisk : StorageLevel.DiskSibling;
            _node.Marks.Checkpoint = new CheckpointMark(local: true, KeepAllAsync);
        }

        return this;
    }

    private async Task<PlanNode> SaveCheckpointAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Join(directory, $"rdd-{Lineage.ToString()[..16]}-{Guid.NewGuid():N}");
        var saved = default(SaveTarget);
        await SaveAsync(
            nameof(Checkpoint), path, "", Compression.None, target => new SaveObjectNode<T>(Node, saved = target), cancellationToken,
            forOwner: true)
                .ConfigureAwait(false);
        var files = new FileEntry[NumPartitions];
        for (var partition = 0; partition < files.Length; partition++)
        {
            files[partition] = LocalFileSystem.Instance.Stat(saved.PartFile(partition))
                ?? throw new FileNotFoundException(
                    $"The checkpoint's file '{saved.PartFile(partition)}' is gone. Nobody else may change the checkpoint directory.");
        }

        return new CheckpointNode<T>(Node, files);
    }

    private async Task<PlanNode> KeepAllAsync(CancellationToken cancellationToken)
    {
        await RunAllAsync(nameof(LocalCheckpoint), new CountNode<T>(Node), cancellationToken).ConfigureAwait(false);
        return new LocalCheckpointNode<T>(Node);
    }
}
