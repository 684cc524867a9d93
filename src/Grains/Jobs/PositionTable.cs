namespace MicroSpark.Grains.Jobs;

/// <summary>
/// A position for each of some partitions, in four bytes each. Neighbours share an array, and where there are none there is no array: a job
/// may want the last of a million partitions alone.
/// </summary>
internal sealed class PositionTable
{
    private const int Bits = 10;

    private int[]?[] _chunks = [];

    /// <summary>How many partitions have one.</summary>
    public int Count { get; private set; }

    /// <summary>-1 when it has none.</summary>
    public int this[int partition]
    {
        get
        {
            var chunk = partition >> Bits;
            return chunk < _chunks.Length && _chunks[chunk] is { } positions ? positions[partition & ((1 << Bits) - 1)] - 1 : -1;
        }
    }

    /// <summary>False when it has one.</summary>
    public bool TryAdd(int partition, int position)
    {
        ref var place = ref PlaceOf(partition);
        if (place != 0)
        {
            return false;
        }

        place = position + 1;
        Count++;
        return true;
    }

    public void Remove(int partition)
    {
        ref var place = ref PlaceOf(partition);
        Count -= place == 0 ? 0 : 1;
        place = 0;
    }

    public void Clear()
    {
        _chunks = [];
        Count = 0;
    }

    private ref int PlaceOf(int partition)
    {
        var chunk = partition >> Bits;
        if (chunk >= _chunks.Length)
        {
            Array.Resize(ref _chunks, Math.Max(chunk + 1, _chunks.Length * 2));
        }

        return ref (_chunks[chunk] ??= new int[1 << Bits])[partition & ((1 << Bits) - 1)];
    }
}
