using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Shuffle;

/// <summary>One input of an operation that brings pairs together by key: shuffled, or placed by the target partitioner already.</summary>
internal static class KeyedInput
{
    /// <summary>The input as the operation's parent.</summary>
    public static PlanNode Of<K, V>(PlanNode<(K Key, V Value)> input, string operatorName, Partitioner<K> target) =>
        target.Equals(input.Partitioner) ? input : new PartitionWriteNode<K, V>(input, operatorName, target);

    public static PartitionMap MapOf(PlanNode parent) =>
        parent.Output == OutputKind.Shuffle ? PartitionMap.All.Instance : PartitionMap.OneToOne.Instance;

    /// <summary>All pairs of one output partition.</summary>
    public static IPipeline<(K Key, V Value)> Pipe<K, V>(PlanNode parent, int partition, TaskScope scope)
    {
        // Before the loop that hashes is compiled: the JIT then sees through the hasher.
        StableHash<K>.Prepare();
        var input = (PlanNode<(K Key, V Value)>)parent;
        return input.Output == OutputKind.Shuffle
            ? Pipeline<(K Key, V Value)>.OfReader(scope.ReadShuffle<(K Key, V Value)>(input, partition), input, scope)
            : scope.Pipe(input, partition);
    }
}

/// <summary>
/// The pairs of two inputs by key. <typeparamref name="L"/> is <typeparamref name="V"/>, or an optional one when right pairs without a left one are kept;
/// likewise <typeparamref name="R"/>.
/// </summary>
internal sealed class JoinNode<K, V, W, L, R>(PlanNode left, PlanNode right, string operatorName, Partitioner<K> partitioner)
    : PlanNode<(K Key, (L Left, R Right) Value)>(left, right)
{
    private JoinNode(PlanReader reader)
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

    public override ChunkReader<(K Key, (L Left, R Right) Value)> Open(int partition, TaskScope scope)
    {
        var left = KeyedInput.Pipe<K, V>(Parents[0], partition, scope);
        var right = KeyedInput.Pipe<K, W>(Parents[1], partition, scope);
        var (keepLeft, keepRight) = (typeof(R) != typeof(W), typeof(L) != typeof(V));
        if (!keepLeft && !keepRight)
        {
            // The same type of row; these are made without asking which side may be missing.
            return (ChunkReader<(K Key, (L Left, R Right) Value)>)(object)
                new HashJoin<K, V, W, (V Left, W Right), InnerRightBuilt<V, W>, InnerLeftBuilt<V, W>>(scope, keepLeft, keepRight).Open(left, right);
        }

        return new HashJoin<K, V, W, (L Left, R Right), RightBuilt<V, W, L, R>, LeftBuilt<V, W, L, R>>(scope, keepLeft, keepRight).Open(left, right);
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>The pairs of the left whose key the right has, or those whose key it lacks. Of the right only the keys are looked at.</summary>
internal sealed class KeyFilterNode<K, V, W>(PlanNode left, PlanNode right, string operatorName, bool present, Partitioner<K> partitioner)
    : PlanNode<(K Key, V Value)>(left, right)
{
    private KeyFilterNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(0), reader.Parent<(K, W)>(1), reader.Text()!, reader.Boolean(), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => KeyedInput.MapOf(Parents[parent]);

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Boolean(present);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
        new KeyFilter<K, V, W>(scope, present).Open(
            KeyedInput.Pipe<K, V>(Parents[0], partition, scope), KeyedInput.Pipe<K, W>(Parents[1], partition, scope));

    protected override int CountPartitions() => partitioner.NumPartitions;
}
