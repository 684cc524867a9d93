using System.Runtime.CompilerServices;

namespace MicroSpark.Tables;

/// <summary>
/// Values in the order they came, each with the number of its group; split into one array per group at the end. It costs no object
/// per group until then, and no array that had to grow: chunks stay below the size of large objects.
/// </summary>
internal sealed class ValueLog<V>
{
    private const int FirstChunk = 64;
    private const int ChunkBytes = 64 * 1024;

    private static readonly int s_chunkLength = Math.Clamp(ChunkBytes / Unsafe.SizeOf<V>(), 256, 16 * 1024);

    private readonly List<Chunk> _full = [];
    private Chunk _open = new(FirstChunk);
    private int _used;
    private int[] _counts = new int[FirstChunk];
    private int _groups;

    /// <summary>Number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The group that had the most values when they were split last, and how many; the first of equals.</summary>
    public (int Group, int Values) Heaviest { get; private set; }

    /// <summary>Memory of the chunks, in bytes, without what values point to.</summary>
    public long Bytes =>
        ((Count + _open.Values.Length - _used) * (Unsafe.SizeOf<V>() + sizeof(int))) + ((long)_counts.Length * sizeof(int));

    /// <summary>Appends a value of a group. Groups are small numbers from 0: a table's entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int group, V value)
    {
        if ((uint)group >= (uint)_counts.Length)
        {
            GrowCounts(group);
        }

        _counts[group]++;
        _groups = Math.Max(_groups, group + 1);
        var chunk = _open;
        var at = _used;
        if ((uint)at >= (uint)chunk.Values.Length)
        {
            (chunk, at) = (NextChunk(), 0);
        }

        chunk.Values[at] = value;
        chunk.Groups[at] = group;
        _used = at + 1;
        Count++;
    }

    /// <summary>
    /// Every group's values in the order they came; a group without values has an empty array. The log is empty afterwards: its chunks
    /// are let go as they are read.
    /// </summary>
    /// <param name="groups">How many groups there are, beyond those with values here too.</param>
    public V[][] Split(int groups)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, _groups);
        var split = new V[groups][];
        var heaviest = (Group: 0, Values: 0);
        for (var g = 0; g < groups; g++)
        {
            var count = g < _groups ? _counts[g] : 0;
            split[g] = count > 0 ? new V[count] : [];
            heaviest = count > heaviest.Values ? (g, count) : heaviest;
        }

        Heaviest = heaviest;

        // From here on the counts say where each group's next value goes.
        Array.Clear(_counts);
        for (var c = 0; c < _full.Count; c++)
        {
            Scatter(_full[c], _full[c].Values.Length, split);
            _full[c] = default;
        }

        Scatter(_open, _used, split);
        Reset();
        return split;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(Chunk chunk, int length, V[][] split)
    {
        var values = chunk.Values.AsSpan(0, length);
        var groups = chunk.Groups.AsSpan(0, length);
        for (var i = 0; i < values.Length; i++)
        {
            var group = groups[i];
            split[group][_counts[group]++] = values[i];
        }
    }

    private void Reset()
    {
        _full.Clear();
        _open = new Chunk(FirstChunk);
        _used = 0;
        _groups = 0;
        _counts = new int[FirstChunk];
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Chunk NextChunk()
    {
        _full.Add(_open);
        _open = new Chunk(Math.Min(_open.Values.Length * 2, s_chunkLength));
        _used = 0;
        return _open;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowCounts(int group) => Array.Resize(ref _counts, Math.Max(_counts.Length * 2, group + 1));

    private readonly struct Chunk(int length)
    {
        public readonly V[] Values = new V[length];
        public readonly int[] Groups = new int[length];
    }
}
