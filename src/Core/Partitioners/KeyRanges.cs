using MicroSpark.Ordering;

namespace MicroSpark.Partitioners;

/// <summary>
/// Cuts the keys' order into ranges: every key of partition i comes before every key of partition i + 1. The bounds come from a
/// sample, so partitions are about equal, and fewer than asked when few distinct keys were seen. Two with the same bounds, order and
/// direction are equal. Programs hold it as <see cref="RangePartitioner{K}"/>.
/// </summary>
internal sealed class KeyRanges<K> : Partitioner<K>, IEquatable<KeyRanges<K>>
{
    /// <summary>Below this many bounds a scan, which branches predictably and touches one line, beats halving.</summary>
    private const int ScanLimit = 16;

    private readonly K[] _bounds;
    private readonly IComparer<K>? _comparer;
    private readonly KeyComparison<K> _comparison;

    /// <summary>Upper bounds, strictly ascending in <paramref name="comparer"/>'s order; null is the natural one.</summary>
    public KeyRanges(K[] bounds, bool ascending, IComparer<K>? comparer = null)
    {
        _bounds = bounds;
        _comparer = comparer;
        _comparison = new KeyComparison<K>(comparer);
        Ascending = ascending;
        for (var i = 1; i < bounds.Length; i++)
        {
            if (_comparison.Compare(bounds[i - 1], bounds[i]) >= 0)
            {
                throw new ArgumentException($"Bounds ascend strictly; '{bounds[i]}' follows '{bounds[i - 1]}'.", nameof(bounds));
            }
        }
    }

    /// <summary>One more than there are bounds.</summary>
    public override int NumPartitions => _bounds.Length + 1;

    /// <summary>Whether partition 0 holds the smallest keys.</summary>
    public bool Ascending { get; }

    /// <summary>The largest key of each partition but the last, in the comparer's order.</summary>
    public ReadOnlySpan<K> Bounds => _bounds;

    /// <summary>The order of the keys; null is their natural order.</summary>
    public IComparer<K>? Comparer => _comparer;

    /// <inheritdoc />
    public override int GetPartition(K key)
    {
        var range = RangeOf(key);
        return Ascending ? range : _bounds.Length - range;
    }

    /// <inheritdoc />
    public bool Equals(KeyRanges<K>? other)
    {
        if (other is null || Ascending != other.Ascending || _bounds.Length != other._bounds.Length || !Equals(_comparer, other._comparer))
        {
            return false;
        }

        for (var i = 0; i < _bounds.Length; i++)
        {
            if (_comparison.Compare(_bounds[i], other._bounds[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Partitioner<K> { Bare: KeyRanges<K> other } && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_bounds.Length, Ascending);

    /// <summary>Such as <c>RangePartitioner(8)</c>.</summary>
    public override string ToString() => $"RangePartitioner({NumPartitions}{(Ascending ? "" : ", descending")})";

    /// <inheritdoc />
    internal override void GetPartitions(ReadOnlySpan<K> keys, Span<int> targets)
    {
        targets = targets[..keys.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            var range = RangeOf(keys[i]);
            targets[i] = Ascending ? range : _bounds.Length - range;
        }
    }

    /// <summary>The first range whose bound is not below the key.</summary>
    private int RangeOf(K key)
    {
        var bounds = _bounds;
        var low = 0;
        if (bounds.Length <= ScanLimit)
        {
            while (low < bounds.Length && _comparison.Compare(key, bounds[low]) > 0)
            {
                low++;
            }

            return low;
        }

        var high = bounds.Length;
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            if (_comparison.Compare(key, bounds[middle]) > 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
