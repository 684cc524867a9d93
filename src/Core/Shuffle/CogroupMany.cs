using MicroSpark.Plans;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>The values of each key in three inputs: keys in order of arrival, the first input's first.</summary>
internal sealed class CogroupNode<K, V, W, X>(PlanNode first, PlanNode second, PlanNode third, Partitioner<K> partitioner)
    : PlanNode<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)>(first, second, third)
{
    private CogroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Parent<(K, X)>(2), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => "Cogroup";

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => CogroupInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

    public override ChunkReader<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third) Value)> Open(int partition, TaskScope scope)
    {
        var keys = new CombineTable<K, Nothing>();
        var first = CogroupSide.Read<K, V>(keys, Parents[0], partition, scope);
        var second = CogroupSide.Read<K, W>(keys, Parents[1], partition, scope);
        var third = CogroupSide.Read<K, X>(keys, Parents[2], partition, scope);
        var (a, b, c) = (first.Split(keys.Count), second.Split(keys.Count), third.Split(keys.Count));
        var rows = new (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>))[keys.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (keys.Entries[i].Key, (a[i], b[i], c[i]));
        }

        return new MemoryReader<(K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>))>(rows);
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>The values of each key in four inputs: keys in order of arrival, the first input's first.</summary>
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

    public override PartitionMap MapOf(int parent) => CogroupInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer) => PartitionerCodec.Write(writer, partitioner);

    public override ChunkReader<(K Key, (IReadOnlyList<V> First, IReadOnlyList<W> Second, IReadOnlyList<X> Third, IReadOnlyList<Y> Fourth) Value)> Open(
        int partition, TaskScope scope)
    {
        var keys = new CombineTable<K, Nothing>();
        var first = CogroupSide.Read<K, V>(keys, Parents[0], partition, scope);
        var second = CogroupSide.Read<K, W>(keys, Parents[1], partition, scope);
        var third = CogroupSide.Read<K, X>(keys, Parents[2], partition, scope);
        var fourth = CogroupSide.Read<K, Y>(keys, Parents[3], partition, scope);
        var (a, b, c, d) = (first.Split(keys.Count), second.Split(keys.Count), third.Split(keys.Count), fourth.Split(keys.Count));
        var rows = new (K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>, IReadOnlyList<Y>))[keys.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (keys.Entries[i].Key, (a[i], b[i], c[i], d[i]));
        }

        return new MemoryReader<(K, (IReadOnlyList<V>, IReadOnlyList<W>, IReadOnlyList<X>, IReadOnlyList<Y>))>(rows);
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>One input of a cogroup.</summary>
internal static class CogroupSide
{
    /// <summary>The input's values under the numbers that its keys have, or get, in <paramref name="keys"/>.</summary>
    public static ValueLog<V> Read<K, V>(CombineTable<K, Nothing> keys, PlanNode input, int partition, TaskScope scope)
    {
        var sink = new SideSink<K, V> { Keys = keys, Values = new ValueLog<V>() };
        CogroupInput.Drive<K, V, SideSink<K, V>>(input, partition, scope, ref sink);
        return sink.Values;
    }
}
