using MicroSpark.Hashing;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Groups values by key: keys in order of first arrival, each key's values in order of arrival. Values wait in one growing array and are
/// dealt out once all are there, so that a group costs one array and nothing grows per key.
/// </summary>
internal sealed class GroupBuilder<K, V>
{
    private readonly CombineTable<K, int> _counts = new();
    private V[] _values = new V[16];
    private int[] _groups = new int[16];
    private int _count;

    public int Groups => _counts.Count;

    public void Add(K key, V value) => Add(key, StableHash<K>.Of(key), value);

    public void Add(K key, ulong hash, V value)
    {
        if (_count == _values.Length)
        {
            var length = checked(_count * 2);
            Array.Resize(ref _values, length);
            Array.Resize(ref _groups, length);
        }

        var group = _counts.IndexOf(key, hash, out _);
        _counts.Entries[group].Value++;
        _values[_count] = value;
        _groups[_count] = group;
        _count++;
    }

    /// <summary>The number of a key's group; -1 when it has none.</summary>
    public int Find(K key, ulong hash) => _counts.Find(key, hash);

    public K KeyOf(int group) => _counts.Entries[group].Key;

    public ulong HashOf(int group) => _counts.Hashes[group];

    /// <summary>Each group's values. Called once, after the last value.</summary>
    public V[][] Build()
    {
        var groups = new V[_counts.Count][];
        var entries = _counts.Entries;
        for (var g = 0; g < groups.Length; g++)
        {
            groups[g] = new V[entries[g].Value];
            entries[g].Value = 0;
        }

        for (var i = 0; i < _count; i++)
        {
            var group = _groups[i];
            groups[group][entries[group].Value++] = _values[i];
        }

        _values = [];
        _groups = [];
        return groups;
    }
}

/// <summary>Groups pairs as they come.</summary>
internal struct GroupSink<K, V> : ISink<(K Key, V Value)>
{
    public GroupBuilder<K, V> Groups;

    public readonly bool Add((K Key, V Value) item)
    {
        Groups.Add(item.Key, item.Value);
        return true;
    }
}
