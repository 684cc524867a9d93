using System.Runtime.CompilerServices;
using MicroSpark.Hashing;

namespace MicroSpark;

/// <summary>
/// Spreads keys evenly by their stable hash: the same key goes to the same partition in every process. Null goes to partition 0. Two
/// with the same count are equal.
/// </summary>
/// <remarks>
/// The partition is the high half of hash x partitions: the hash as a fraction of 1, scaled. It costs one multiplication instead of a
/// division, reads the high bits (tables read the low ones) and never changes: cached blocks and clients of other versions rely on it.
/// </remarks>
public sealed class HashPartitioner<K> : Partitioner<K>, IEquatable<HashPartitioner<K>>
{
    /// <summary>Makes a partitioner of that many partitions.</summary>
    /// <param name="partitions">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitions"/> is negative.</exception>
    /// <exception cref="ArgumentException">The key type has no value equality, such as an array.</exception>
    public HashPartitioner(int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partitions);
        KeyTypes.EnsureKey(typeof(K), nameof(HashPartitioner<>));
        NumPartitions = partitions;
    }

    /// <inheritdoc />
    public override int NumPartitions { get; }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The key is not null and there are no partitions.</exception>
    public override int GetPartition(K key)
    {
        if (NumPartitions == 0 && key is not null)
        {
            throw NoPartitions();
        }

        return PartitionOf(StableHash<K>.Of(key), NumPartitions);
    }

    /// <inheritdoc />
    public bool Equals(HashPartitioner<K>? other) => other is not null && NumPartitions == other.NumPartitions;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as HashPartitioner<K>);

    /// <inheritdoc />
    public override int GetHashCode() => NumPartitions;

    /// <summary>Such as <c>HashPartitioner(8)</c>.</summary>
    public override string ToString() => $"{nameof(HashPartitioner<>)}({NumPartitions})";

    /// <summary>The partition of a hash: for loops that have the hash already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int PartitionOf(ulong hash, int partitions) => (int)Math.BigMul(hash, (ulong)(uint)partitions, out _);

    /// <inheritdoc />
    internal override void GetPartitions(ReadOnlySpan<K> keys, Span<int> targets)
    {
        var partitions = NumPartitions;
        if (partitions == 0 && !keys.IsEmpty)
        {
            throw NoPartitions();
        }

        targets = targets[..keys.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = PartitionOf(StableHash<K>.Of(keys[i]), partitions);
        }
    }

    private static InvalidOperationException NoPartitions() =>
        new("A HashPartitioner of 0 partitions has no place for a key. Give it 1 or more.");
}
