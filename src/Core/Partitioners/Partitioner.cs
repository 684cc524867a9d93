namespace MicroSpark;

/// <summary>
/// Sends each key to a partition. Two datasets with equal partitioners are partitioned alike, so a join of them moves nothing. Override
/// <see cref="Equals(object?)"/> and <see cref="GetHashCode"/> to say when partitioners are equal. By default only the same object is
/// equal.
/// </summary>
/// <typeparam name="K">The key's type. Keys that are equal must go to the same partition.</typeparam>
public abstract class Partitioner<K>
{
    /// <summary>How many partitions there are, 0 or more.</summary>
    public abstract int NumPartitions { get; }

    /// <summary>
    /// What does the work: this one, or the engine's own that a public class stands before. Plans and operators look at this.
    /// </summary>
    internal virtual Partitioner<K> Bare => this;

    /// <summary>Equality by <see cref="Equals(object?)"/>.</summary>
    public static bool operator ==(Partitioner<K>? left, Partitioner<K>? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Opposite of ==.</summary>
    public static bool operator !=(Partitioner<K>? left, Partitioner<K>? right) => !(left == right);

    /// <summary>
    /// The key's partition, from 0 to <see cref="NumPartitions"/> - 1; anything else fails the task. The same key gives the same
    /// answer in every process.
    /// </summary>
    public abstract int GetPartition(K key);

    /// <inheritdoc />
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc />
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>
    /// <see cref="GetPartition"/> of a run of keys into the first places of <paramref name="targets"/>: one virtual call a run. Throws
    /// when a partitioner answers outside its range.
    /// </summary>
    internal virtual void GetPartitions(ReadOnlySpan<K> keys, Span<int> targets)
    {
        var partitions = NumPartitions;
        for (var i = 0; i < keys.Length; i++)
        {
            var target = GetPartition(keys[i]);
            if ((uint)target >= (uint)partitions)
            {
                throw PartitionOutOfRange(keys[i], target);
            }

            targets[i] = target;
        }
    }

    /// <summary>The error of a partitioner that answers outside its range.</summary>
    internal InvalidOperationException PartitionOutOfRange(K key, int target) => new(
        $"{GetType().Name}.GetPartition must answer 0 to {NumPartitions - 1}; for the key '{key}' it answered {target}.");
}
