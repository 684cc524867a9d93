using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Shuffle;

/// <summary>One input of an operation that brings pairs together by key: shuffled, or placed by the target partitioner already.</summary>
internal static class KeyedInput
{
    /// <summary>The input as the operation's parent.</summary>
    public static PlanNode Of<K, V>(PlanNode<(K Key, V Value)> input, string operatorName, Partitioner<K> target) =>
        target.Equals(input.Partitioner) ? input
        : target is SortedPartitioner<K> sorted ? sorted.Place(input, operatorName)
        : new PartitionWriteNode<K, V>(input, operatorName, target);

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
