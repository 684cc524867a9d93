using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Shuffle;

/// <summary>One input of an operation that brings pairs together by key: shuffled, or placed by the target partitioner already.</summary>
internal static class CogroupInput
{
    /// <summary>The input as the operation's parent.</summary>
    public static PlanNode Of<K, V>(PlanNode<(K Key, V Value)> input, string operatorName, Partitioner<K> target) =>
        target.Equals(input.Partitioner) ? input : new PartitionWriteNode<K, V>(input, operatorName, target);

    public static PartitionMap MapOf(PlanNode parent) =>
        parent.Output == OutputKind.Shuffle ? PartitionMap.All.Instance : PartitionMap.OneToOne.Instance;

    /// <summary>Groups all pairs of one output partition.</summary>
    public static GroupBuilder<K, V> Group<K, V>(PlanNode owner, PlanNode parent, int partition, TaskScope scope)
    {
        var input = (PlanNode<(K Key, V Value)>)parent;
        var sink = new GroupSink<K, V> { Groups = new GroupBuilder<K, V>() };
        Open(owner, input, partition, scope).Drive(ref sink);
        return sink.Groups;
    }

    public static Pipeline<(K Key, V Value)> Open<K, V>(PlanNode owner, PlanNode<(K Key, V Value)> input, int partition, TaskScope scope) =>
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
        var groups = CogroupInput.Group<K, V>(this, Parents[0], partition, scope);
        var values = groups.Build();
        var rows = new (K, IReadOnlyList<V>)[values.Length];
        for (var g = 0; g < rows.Length; g++)
        {
            rows[g] = (groups.KeyOf(g), values[g]);
        }

        return new MemoryReader<(K Key, IReadOnlyList<V> Values)>(rows);
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
        var left = CogroupInput.Group<K, V>(this, Parents[0], partition, scope);
        var right = CogroupInput.Group<K, W>(this, Parents[1], partition, scope);
        var leftValues = left.Build();
        var rightValues = right.Build();
        var rows = new List<(K, (IReadOnlyList<V>, IReadOnlyList<W>))>(Math.Max(leftValues.Length, rightValues.Length));
        for (var g = 0; g < leftValues.Length; g++)
        {
            var other = right.Find(left.KeyOf(g), left.HashOf(g));
            rows.Add((left.KeyOf(g), (leftValues[g], other < 0 ? [] : rightValues[other])));
        }

        for (var g = 0; g < rightValues.Length; g++)
        {
            if (left.Find(right.KeyOf(g), right.HashOf(g)) < 0)
            {
                rows.Add((right.KeyOf(g), ([], rightValues[g])));
            }
        }

        return new MemoryReader<(K Key, (IReadOnlyList<V> Left, IReadOnlyList<W> Right) Value)>(rows.ToArray());
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}
