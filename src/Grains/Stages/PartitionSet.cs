using System.Collections;
using System.Numerics;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Stages;

/// <summary>Some partitions of one set of tasks: a bit for each between the first and the last of the set.</summary>
internal sealed class PartitionSet : IEnumerable<int>
{
    private const int Bits = 64;

    private int _first;
    private ulong[] _words = [];

    /// <summary>The partitions of the set of tasks, all of them in. Called once.</summary>
    public void Add(IReadOnlyList<PlacedPartition> partitions)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        var (first, last) = (int.MaxValue, 0);
        for (var i = 0; i < partitions.Count; i++)
        {
            first = Math.Min(first, partitions[i].Partition);
            last = Math.Max(last, partitions[i].Partition);
        }

        (_first, _words) = (first, new ulong[((last - first) / Bits) + 1]);
        for (var i = 0; i < partitions.Count; i++)
        {
            var at = partitions[i].Partition - first;
            _words[at / Bits] |= 1UL << (at % Bits);
        }
    }

    public bool Contains(int partition)
    {
        var at = partition - _first;
        return (uint)at / Bits < (uint)_words.Length && (_words[at / Bits] & (1UL << (at % Bits))) != 0;
    }

    /// <summary>False when it is not in.</summary>
    public bool Remove(int partition)
    {
        if (!Contains(partition))
        {
            return false;
        }

        var at = partition - _first;
        _words[at / Bits] &= ~(1UL << (at % Bits));
        return true;
    }

    /// <summary>In order; whoever reads may remove what has been read.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var left = _words[word]; left != 0; left &= left - 1)
            {
                yield return _first + (word * Bits) + BitOperations.TrailingZeroCount(left);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
