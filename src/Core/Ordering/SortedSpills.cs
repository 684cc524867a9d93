using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Ordering;

/// <summary>
/// Sorted sequences on disk, in the order their elements came in, and their merge. When there are more than memory has frames for,
/// neighbours are merged into longer ones first.
/// </summary>
internal sealed class SortedSpills<T, K, TKey>(Sorter<T, K, TKey> sorter, TaskMemory memory)
    where TKey : struct, IKeyOf<T, K>
{
    private const int LargestFanIn = 128;
    private const int SmallestFanIn = 8;

    /// <summary>What reading a sequence takes: its bytes, and the elements made of them.</summary>
    private static readonly int s_bytesPerSource = 2 * Frame.TargetBytes;

    private List<SpilledSequence> _spilled = [];
    private SpillFile? _file;

    public bool IsEmpty => _spilled.Count == 0;

    public void Add(ReadOnlyMemory<T> sorted) => _spilled.Add((_file ??= memory.NewFile()).Write(sorted.Span));

    /// <summary>All elements of the sequences, and of a last one that is in memory.</summary>
    public ChunkReader<T> Merge(ReadOnlyMemory<T> last)
    {
        var fanIn = Math.Min(LargestFanIn, Math.Max(SmallestFanIn, _spilled.Count));
        while (fanIn > SmallestFanIn && !memory.TryGrow((long)fanIn * s_bytesPerSource))
        {
            fanIn = Math.Max(SmallestFanIn, fanIn / 2);
        }

        while (_spilled.Count > fanIn)
        {
            MergeNeighbours(fanIn);
        }

        var sources = _spilled.ConvertAll(_file!.Read<T>);
        if (!last.IsEmpty)
        {
            sources.Add(new MemoryReader<T>(last));
        }

        return new MergeReader<T, K, TKey>(sources, sorter);
    }

    private void MergeNeighbours(int fanIn)
    {
        var file = memory.NewFile();
        var merged = new List<SpilledSequence>();
        foreach (var neighbours in _spilled.Chunk(fanIn))
        {
            using var reader = new MergeReader<T, K, TKey>(Array.ConvertAll(neighbours, _file!.Read<T>), sorter);
            using var writer = file.Append<T>();
            while (reader.Next(int.MaxValue, out var items))
            {
                writer.Add(items);
            }

            merged.Add(writer.Complete());
        }

        _file!.Dispose();
        (_file, _spilled) = (file, merged);
    }
}
