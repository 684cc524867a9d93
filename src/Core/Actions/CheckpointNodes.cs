using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Sources;

namespace MicroSpark.Actions;

/// <summary>Stands for a recipe whose partitions are files of the checkpoint folder.</summary>
internal sealed class CheckpointNode<T> : PlanNode<T>
{
    private readonly string _operator;
    private readonly FileEntry[] _files;

    public CheckpointNode(PlanNode<T> original, FileEntry[] files)
    {
        (_operator, _files) = (original.Operator, files);
        Adopt(original.Marks);
        Restore(original.Lineage, original.NumPartitions, original.Culture);
    }

    private CheckpointNode(PlanReader reader) => (_operator, _files) = (reader.Text(), PlanFiles.ReadAll(reader));

    public override string Operator => _operator;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(_operator);
        PlanFiles.WriteAll(writer, _files);
    }

    public override ChunkReader<T> Open(int partition, TaskScope scope) => new ObjectFileReader<T>(_files[partition], scope.Code);

    protected override int CountPartitions() => _files.Length;
}

/// <summary>Stands for a recipe whose partitions are only where workers keep them: it cannot compute one again.</summary>
internal sealed class LocalCheckpointNode<T> : PlanNode<T>
{
    private readonly string _operator;
    private readonly int _partitions;

    public LocalCheckpointNode(PlanNode<T> original)
    {
        (_operator, _partitions) = (original.Operator, original.NumPartitions);
        Adopt(original.Marks);
        Restore(original.Lineage, _partitions, original.Culture);
    }

    private LocalCheckpointNode(PlanReader reader) => (_operator, _partitions) = (reader.Text(), reader.Int32());

    public override string Operator => _operator;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(_operator);
        writer.Int32(_partitions);
    }

    public override ChunkReader<T> Open(int partition, TaskScope scope) => throw new InvalidOperationException(
        $"Partition {partition} of the locally checkpointed '{_operator}' is lost: the worker that kept it is gone, or it was "
        + $"unpersisted, and its lineage was cut. "
        + "Use Checkpoint() with a directory where this must not happen.");

    protected override int CountPartitions() => _partitions;
}
