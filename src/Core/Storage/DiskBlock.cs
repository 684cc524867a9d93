using System.Buffers;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Stages;

namespace MicroSpark.Storage;

/// <summary>A block whose elements are on disk: a run of frames for each bucket. Deletes its file when it goes.</summary>
/// <param name="buckets">By bucket; <see cref="SpillRun.Empty"/> where there is nothing.</param>
internal sealed class DiskBlock<T>(SpillFile file, SpillRun[] buckets, ulong fingerprint) : Block
{
    public override int Buckets => buckets.Length;

    public override long Count { get; } = buckets.Sum(static b => b.Count);

    public override long Bytes { get; } = buckets.Sum(static b => 24L + (16 * b.Ranges.Count));

    public override long DiskBytes { get; } = buckets.Sum(static b => b.Bytes);

    public override ulong Fingerprint => fingerprint;

    /// <summary>Streams a bucket, a frame at a time.</summary>
    public ChunkReader<T> Read(int bucket) => file.Read<T>(buckets[bucket]);

    /// <summary>A bucket as it lies in the file.</summary>
    public SpillRun Run(int bucket) => buckets[bucket];

    public override IEnumerable<ReadOnlyMemory<byte>> Frames(int bucket, CodeSpace space) => file.ReadFrames(buckets[bucket]);

    public override void EncodeBucket(int bucket, IBufferWriter<byte> output, CodeSpace space)
    {
        using var reader = Read(bucket);
        var items = new T[buckets[bucket].Count];
        for (var at = 0; reader.Next(int.MaxValue, out var run); at += run.Length)
        {
            run.CopyTo(items.AsSpan(at));
        }

        ValueCodec.EncodeMany<T>(items, output, space);
    }

    public override void Dispose() => file.Dispose();
}
