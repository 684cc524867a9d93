using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>The map side of a shuffle that moves pairs as they are: each pair into the bucket that the partitioner names.</summary>
internal sealed class PartitionWriteNode<K, V>(PlanNode<(K Key, V Value)> parent, string operatorName, Partitioner<K> partitioner)
    : PlanNode<(K Key, V Value)>(parent), IStageRoot
{
    private readonly PlanNode<(K Key, V Value)> _parent = parent;

    private PartitionWriteNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), reader.Text(), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override OutputKind Output => OutputKind.Shuffle;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope) =>
        throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

    public Block Run(int partition, TaskScope scope)
    {
        var sink = new PartitionSink<K, V>
        { Target = new KeyTarget<K>(partitioner), Output = new BucketBuilder<(K, V)>(partitioner.NumPartitions, scope.Memory) };
        scope.Pipe(_parent, partition).Drive(ref sink);
        return sink.Output.Build();
    }
}

/// <summary>Puts each pair into its bucket.</summary>
internal struct PartitionSink<K, V> : ISink<(K Key, V Value)>, ITakesAll
{
    public KeyTarget<K> Target;
    public BucketBuilder<(K, V)> Output;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Add((K Key, V Value) item)
    {
        var hash = StableHash<K>.Of(item.Key);
        Output.Add(item, Target.Of(item.Key, hash), hash);
        return true;
    }
}

/// <summary>Names the bucket of a key: plain arithmetic for the engine's hash partitioner, a checked virtual call for any other.</summary>
internal readonly struct KeyTarget<K>
{
    private readonly Partitioner<K>? _other;
    private readonly int _count;

    public KeyTarget(Partitioner<K> partitioner)
    {
        // Before the loop that hashes is compiled: the JIT then sees through the hasher.
        StableHash<K>.Prepare();
        _count = partitioner.NumPartitions;
        _other = partitioner is HashPartitioner<K> ? null : partitioner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(K key, ulong hash)
    {
        if (_other is null)
        {
            return HashPartitioner<K>.PartitionOf(hash, _count);
        }

        var target = _other.GetPartition(key);
        return (uint)target < (uint)_count ? target : throw _other.PartitionOutOfRange(key, target);
    }
}
