using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Ordering;

/// <summary>
/// Sorted runs on disk, in the order their elements came in, and their merge. When there are more than memory has frames for, neighbours are merged into
/// longer runs first.
/// </summary>
internal sealed class SpilledRuns<T, K, TKey>(Sorter<T, K, TKey> sorter, TaskMemory memory)
    where TKey : struct, IKeyOf<T, K>
{
    private const int LargestFanIn = 128;
    private const int SmallestFanIn = 8;

    /// <summary>What reading a run takes: its bytes, and the elements made of them.</summary>
    private static readonly int s_bytesPerRun = 2 * Frame.TargetBytes;

    private List<SpillRun> _runs = [];
    private SpillFile? _file;

    public bool IsEmpty => _runs.Count == 0;

    public void Add(ReadOnlyMemory<T> sorted) => _runs.Add((_file ??= memory.NewFile()).Write(sorted.Span));

    /// <summary>All elements of the runs, and of a last one that is in memory.</summary>
    public ChunkReader<T> Merge(ReadOnlyMemory<T> last)
    {
        var fanIn = Math.Min(LargestFanIn, Math.Max(SmallestFanIn, _runs.Count));
        while (fanIn > SmallestFanIn && !memory.TryGrow((long)fanIn * s_bytesPerRun))
        {
            fanIn = Math.Max(SmallestFanIn, fanIn / 2);
        }

        while (_runs.Count > fanIn)
        {
            MergeNeighbours(fanIn);
        }

        var sources = _runs.ConvertAll(_file!.Read<T>);
        if (!last.IsEmpty)
        {
            sources.Add(new MemoryReader<T>(last));
        }

        return new MergeReader<T, K, TKey>(sources, sorter);
    }

    private void MergeNeighbours(int fanIn)
    {
        var file = memory.NewFile();
        var merged = new List<SpillRun>();
        foreach (var neighbours in _runs.Chunk(fanIn))
        {
            using var reader = new MergeReader<T, K, TKey>(Array.ConvertAll(neighbours, _file!.Read<T>), sorter);
            using var run = file.Append<T>();
            while (reader.Next(int.MaxValue, out var items))
            {
                run.Add(items);
            }

            merged.Add(run.Complete());
        }

        _file!.Dispose();
        (_file, _runs) = (file, merged);
    }
}
