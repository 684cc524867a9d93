using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Shuffle;

/// <summary>The reduce side of a shuffle as it is: one bucket of every map output, in the order of the map partitions.</summary>
internal sealed class ShuffledNode<T>(PlanNode<T> write, string operatorName, int partitions, object? partitioner) : PlanNode<T>(write)
{
    private readonly PlanNode<T> _write = write;

    private ShuffledNode(PlanReader reader)
        : this(reader.Parent<T>(), reader.Text(), reader.Int32(), null)
    {
    }

    public override string Operator => operatorName;

    public override object? Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => PartitionMap.All.Instance;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Int32(partitions);
    }

    public override ChunkReader<T> Open(int partition, TaskScope scope) => scope.ReadShuffle<T>(_write, partition);

    protected override int CountPartitions() => partitions;
}
