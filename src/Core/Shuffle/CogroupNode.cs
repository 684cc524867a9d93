using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Shuffle;

/// <summary>All values of each key of one input: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
internal sealed class GroupNode<K, V>(PlanNode input, string operatorName, Partitioner<K> partitioner) : PlanNode<(K Key, IReadOnlyList<V> Values)>(input)
{
    private GroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), reader.Text()!, PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, IReadOnlyList<V> Values)> Open(int partition, TaskScope scope)
    {
        var side = CogroupSide<K, V>.Read(Parents[0], partition, scope);
        return new CogroupReader<K, (K Key, IReadOnlyList<V> Values)>([side], scope.Memory, (key, i) => (key, side.ValuesOf(i))).Open();
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>The values of each key in two inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
internal sealed class CogroupNode<K, V, W>(PlanNode left, PlanNode right, string operatorName, Partitioner<K> partitioner)
    : PlanNode<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(left, right)
{
    private CogroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Text()!, PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> Open(int partition, TaskScope scope)
    {
        var left = CogroupSide<K, V>.Read(Parents[0], partition, scope);
        var right = CogroupSide<K, W>.Read(Parents[1], partition, scope);
        return new CogroupReader<K, (K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(
            [left, right], scope.Memory, (key, i) => (key, (left.ValuesOf(i), right.ValuesOf(i)))).Open();
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}
