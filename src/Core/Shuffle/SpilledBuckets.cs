using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>What of each bucket went to disk: of each what several spills wrote, one after the other.</summary>
/// <param name="file">Where they write.</param>
internal sealed class SpilledBuckets<T>(int buckets, SpillFile file)
{
    private readonly Written[] _written = new Written[buckets];

    /// <summary>Writes runs behind what the bucket has on disk.</summary>
    public void Add(int bucket, ReadOnlySpan<ReadOnlyMemory<T>> runs)
    {
        using var writer = file.Append<T>();
        foreach (var run in runs)
        {
            writer.Add(run.Span);
        }

        var spilled = writer.Complete();
        ref var written = ref _written[bucket];
        (written.Ranges ??= []).AddRange(spilled.Ranges.Span);
        written.Count += spilled.Count;
        written.Bytes += spilled.Bytes;
    }

    /// <summary>Elements of a bucket that are on disk.</summary>
    public long CountOf(int bucket) => _written[bucket].Count;

    /// <summary>Where a bucket lies.</summary>
    public SpilledSequence Of(int bucket) => _written[bucket] is { Ranges: { } ranges } written
        ? new SpilledSequence(ranges.ToArray(), written.Count, written.Bytes) : SpilledSequence.Empty;

    /// <summary>Reads a bucket.</summary>
    public ChunkReader<T> Read(int bucket) => file.Read<T>(Of(bucket));

    /// <summary>All that was written as a block, which keeps the file.</summary>
    /// <param name="memory">Of the task that writes.</param>
    public DiskBlock<T> ToBlock(TaskMemory memory, ulong fingerprint)
    {
        var sequences = new SpilledSequence[_written.Length];
        for (var b = 0; b < sequences.Length; b++)
        {
            sequences[b] = Of(b);
        }

        return new DiskBlock<T>(memory.Keep(file), sequences, fingerprint);
    }

    private struct Written
    {
        public List<FileRange>? Ranges;
        public long Count;
        public long Bytes;
    }
}
