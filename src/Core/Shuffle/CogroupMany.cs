using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Shuffle;

/// <summary>The values of each key in three inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
internal sealed class CogroupNode<K, V, W, X>(PlanNode first, PlanNode second, PlanNode third, Partitioner<K> partitioner)
    : PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)>(first, second, third)
{
    private CogroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Parent<(K, X)>(2), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => "Cogroup";

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

    public override ChunkReader<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> Open(int partition, TaskScope scope)
    {
        var first = CogroupSide<K, V>.Read(Parents[0], partition, scope);
        var second = CogroupSide<K, W>.Read(Parents[1], partition, scope);
        var third = CogroupSide<K, X>.Read(Parents[2], partition, scope);
        return new CogroupReader<K, (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>))>(
            [first, second, third], scope.Memory, (key, i) => (key, (first.ValuesOf(i), second.ValuesOf(i), third.ValuesOf(i)))).Open();
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>The values of each key in four inputs: see <see cref="CogroupReader{K, TRow}"/> for the order of keys.</summary>
internal sealed class CogroupNode<K, V, W, X, Y>(PlanNode first, PlanNode second, PlanNode third, PlanNode fourth, Partitioner<K> partitioner)
    : PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)>(
        first, second, third, fourth)
{
    private CogroupNode(PlanReader reader)
        : this(
            reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Parent<(K, X)>(2), reader.Parent<(K, Y)>(3), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => "Cogroup";

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

    public override ChunkReader<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> Open(
        int partition, TaskScope scope)
    {
        var first = CogroupSide<K, V>.Read(Parents[0], partition, scope);
        var second = CogroupSide<K, W>.Read(Parents[1], partition, scope);
        var third = CogroupSide<K, X>.Read(Parents[2], partition, scope);
        var fourth = CogroupSide<K, Y>.Read(Parents[3], partition, scope);
        return new CogroupReader<K, (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>, IReadOnlyList<Y>))>(
            [first, second, third, fourth],
            scope.Memory, (key, i) => (key, (first.ValuesOf(i), second.ValuesOf(i), third.ValuesOf(i), fourth.ValuesOf(i)))).Open();
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}
