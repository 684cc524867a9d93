using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>A block whose elements are on disk: a sequence of frames for each bucket. Deletes its file when it goes.</summary>
internal sealed class DiskBlock<T> : ElementBlock<T>
{
    private readonly SpillFile _file;
    private readonly ulong _fingerprint;

    // Flat: a block of 10,000 buckets must not be 10,000 objects.
    private readonly FileRange[] _ranges;
    private readonly int[] _ends;

    /// <param name="file">Complete; the block's own from now on.</param>
    /// <param name="buckets">By bucket; <see cref="SpilledSequence.Empty"/> where there is nothing.</param>
    public DiskBlock(SpillFile file, IReadOnlyList<SpilledSequence> buckets, ulong fingerprint)
    {
        _file = file;
        _fingerprint = fingerprint;
        _ends = new int[buckets.Count];
        var ranges = new List<FileRange>(buckets.Count);
        for (var b = 0; b < _ends.Length; b++)
        {
            ranges.AddRange(buckets[b].Ranges.Span);
            _ends[b] = ranges.Count;
            Count += buckets[b].Count;
            DiskBytes += buckets[b].Bytes;
        }

        _ranges = [.. ranges];
    }

    public override int Buckets => _ends.Length;

    public override long Count { get; }

    public override long Bytes => 64 + (16L * _ranges.Length) + (4L * _ends.Length);

    public override long DiskBytes { get; }

    public override ulong Fingerprint => _fingerprint;

    /// <summary>A bucket's frames as they lie in the file.</summary>
    public ReadOnlyMemory<FileRange> Ranges(int bucket)
    {
        var start = bucket == 0 ? 0 : _ends[bucket - 1];
        return _ranges.AsMemory(start, _ends[bucket] - start);
    }

    public override ChunkReader<T> Read(int bucket) => _file.Read<T>(Ranges(bucket));

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => _file.ReadFrames(Ranges(bucket));

    public override Block? ToDisk(SpillFile file) => null;

    public override void Dispose() => _file.Dispose();
}
