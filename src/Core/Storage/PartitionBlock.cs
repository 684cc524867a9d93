using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>A kept partition in memory as objects, in chunks: no array of it is large.</summary>
/// <param name="chunks">None empty.</param>
/// <param name="bytes">Measured while the chunks were filled.</param>
internal sealed class PartitionBlock<T>(IReadOnlyList<ReadOnlyMemory<T>> chunks, long bytes) : ElementBlock<T>
{
    public override int Buckets => 1;

    public override long Count { get; } = chunks.Sum(static c => (long)c.Length);

    public override long Bytes => bytes;

    public override ulong Fingerprint => (ulong)Count;

    public override ChunkReader<T> Read(int bucket) => new MemoryReader<T>(chunks);
}

/// <summary>A partition in memory as encoded bytes: smaller, and nothing for the collector to follow.</summary>
internal sealed class EncodedBlock<T>(IReadOnlyList<byte[]> frames, long count, ulong fingerprint, CodeSpace code) : ElementBlock<T>
{
    public override int Buckets => 1;

    public override long Count => count;

    public override long Bytes { get; } = frames.Sum(static f => 24L + f.Length);

    public override ulong Fingerprint => fingerprint;

    public override ChunkReader<T> Read(int bucket) => new FrameSequenceReader<T>(Frames(bucket, code), code);

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => frames.Select(static f => Frame.Of(f));

    public override void EncodeResult(IBufferWriter<byte> output, CodeSpace space)
    {
        foreach (var frame in frames)
        {
            output.Write(frame);
        }
    }

    /// <summary>The frames go as they are.</summary>
    public override Block? ToDisk(SpillFile file)
    {
        var spilled = ResultKeeper<T>.Write(frames, count, file);
        file.EndWriting();
        return new DiskBlock<T>(file, [spilled], fingerprint);
    }
}
