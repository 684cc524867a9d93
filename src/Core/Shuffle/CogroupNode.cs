using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>One input of an operation that brings pairs together by key: shuffled, or placed by the target partitioner already.</summary>
internal static class CogroupInput
{
    /// <summary>The input as the operation's parent.</summary>
    public static PlanNode Of<K, V>(PlanNode<(K Key, V Value)> input, string operatorName, Partitioner<K> target) =>
        target.Equals(input.Partitioner) ? input : new PartitionWriteNode<K, V>(input, operatorName, target);

    public static PartitionMap MapOf(PlanNode parent) =>
        parent.Output == OutputKind.Shuffle ? PartitionMap.All.Instance : PartitionMap.OneToOne.Instance;

    /// <summary>Runs all pairs of one output partition into the sink.</summary>
    public static void Drive<K, V, TSink>(PlanNode parent, int partition, TaskScope scope, ref TSink sink)
        where TSink : struct, ISink<(K Key, V Value)>
    {
        StableHash<K>.Prepare();
        Open((PlanNode<(K Key, V Value)>)parent, partition, scope).Drive(ref sink);
    }

    private static Pipeline<(K Key, V Value)> Open<K, V>(PlanNode<(K Key, V Value)> input, int partition, TaskScope scope) =>
        input.Output == OutputKind.Shuffle
            ? Pipeline<(K Key, V Value)>.OfReader(scope.ReadShuffle<(K Key, V Value)>(input, partition), input, scope)
            : scope.Pipe(input, partition);
}

/// <summary>All values of each key of one input: keys in order of first arrival.</summary>
internal sealed class GroupNode<K, V>(PlanNode input, string operatorName, Partitioner<K> partitioner) : PlanNode<(K Key, IReadOnlyList<V> Values)>(input)
{
    private GroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), reader.Text()!, PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => CogroupInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, IReadOnlyList<V> Values)> Open(int partition, TaskScope scope)
    {
        var sink = new GroupSink<K, V> { Groups = new GroupTable<K, V>() };
        CogroupInput.Drive<K, V, GroupSink<K, V>>(Parents[0], partition, scope, ref sink);
        return new MemoryReader<(K Key, IReadOnlyList<V> Values)>(sink.Groups.TakeGroups());
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>The values of each key in two inputs: keys of the first in order of arrival, then those that only the second has.</summary>
internal sealed class CogroupNode<K, V, W>(PlanNode left, PlanNode right, string operatorName, Partitioner<K> partitioner)
    : PlanNode<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(left, right)
{
    private CogroupNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Text()!, PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => CogroupInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)> Open(int partition, TaskScope scope)
    {
        var keys = new CombineTable<K, Nothing>();
        var left = new SideSink<K, V> { Keys = keys, Values = new ValueLog<V>() };
        var right = new SideSink<K, W> { Keys = keys, Values = new ValueLog<W>() };
        CogroupInput.Drive<K, V, SideSink<K, V>>(Parents[0], partition, scope, ref left);
        CogroupInput.Drive<K, W, SideSink<K, W>>(Parents[1], partition, scope, ref right);
        var leftValues = left.Values.Split(keys.Count);
        var rightValues = right.Values.Split(keys.Count);
        var rows = new (K, (IReadOnlyList<V>, IReadOnlyList<W>))[keys.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (keys.Entries[i].Key, (leftValues[i], rightValues[i]));
        }

        return new MemoryReader<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(rows);
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>Groups pairs as they come.</summary>
internal struct GroupSink<K, V> : ISink<(K Key, V Value)>
{
    public GroupTable<K, V> Groups;

    public readonly bool Add((K Key, V Value) item)
    {
        Groups.Add(item.Key, StableHash<K>.Of(item.Key), item.Value);
        return true;
    }
}

/// <summary>One input of a cogroup: its values go under the numbers of keys that all inputs share.</summary>
internal struct SideSink<K, V> : ISink<(K Key, V Value)>
{
    public CombineTable<K, Nothing> Keys;
    public ValueLog<V> Values;

    public readonly bool Add((K Key, V Value) item)
    {
        Values.Add(Keys.IndexOf(item.Key, StableHash<K>.Of(item.Key), out _), item.Value);
        return true;
    }
}
