namespace MicroSpark.Grains.Jobs;

/// <summary>
/// A small value for each of some partitions, and the default of its type for the others. Neighbours share an array, and where there are
/// none there is no array: a job may want the last of a million partitions alone.
/// </summary>
internal sealed class PartitionTable<T>
    where T : struct
{
    private const int Bits = 10;

    private T[]?[] _chunks = [];

    public T this[int partition]
    {
        get
        {
            var chunk = partition >> Bits;
            return chunk < _chunks.Length && _chunks[chunk] is { } values ? values[partition & ((1 << Bits) - 1)] : default;
        }

        set
        {
            var chunk = partition >> Bits;
            if (chunk >= _chunks.Length)
            {
                Array.Resize(ref _chunks, Math.Max(chunk + 1, _chunks.Length * 2));
            }

            (_chunks[chunk] ??= new T[1 << Bits])[partition & ((1 << Bits) - 1)] = value;
        }
    }

    public void Clear() => _chunks = [];
}
