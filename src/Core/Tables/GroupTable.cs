using System.Runtime.CompilerServices;

namespace MicroSpark.Tables;

/// <summary>Values grouped by key: keys in the order they first came, values in the order they came.</summary>
internal sealed class GroupTable<K, V>(int capacity = 0)
{
    private readonly CombineTable<K, Nothing> _keys = new(capacity);
    private readonly ValueLog<V> _values = new();

    /// <summary>Distinct keys.</summary>
    public int Count => _keys.Count;

    /// <summary>Memory of the arrays, in bytes, without what keys and values point to.</summary>
    public long Bytes => _keys.Bytes + _values.Bytes;

    /// <summary>Adds one value.</summary>
    /// <param name="hash">The key's stable hash.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(K key, ulong hash, V value) => _values.Add(_keys.IndexOf(key, hash, out _), value);

    /// <summary>The groups. Each list is an array of its own, of exactly its values. The table is empty afterwards and may be used again.</summary>
    public (K Key, IReadOnlyList<V> Values)[] TakeGroups()
    {
        var keys = _keys.Entries;
        var values = _values.Split(keys.Length);
        var groups = new (K Key, IReadOnlyList<V> Values)[keys.Length];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = (keys[i].Key, values[i]);
        }

        _keys.Clear();
        return groups;
    }
}

/// <summary>What a table holds beside its keys when it is asked for their numbers only.</summary>
internal readonly struct Nothing;
