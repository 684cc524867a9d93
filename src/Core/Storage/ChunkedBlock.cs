using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>A shuffle's output in memory, each bucket in the chunks that it was written in: no array of it is large.</summary>
/// <param name="chunks">Bucket after bucket.</param>
/// <param name="ends">Where each bucket ends in <paramref name="chunks"/>.</param>
/// <param name="elements">What the elements take, in bytes; measured chunk by chunk when it is not known.</param>
internal sealed class ChunkedBlock<T>(ReadOnlyMemory<T>[] chunks, int[] ends, ulong fingerprint, long? elements = null) : ElementBlock<T>
{
    public override int Buckets => ends.Length;

    public override long Count { get; } = chunks.Sum(static c => (long)c.Length);

    public override long Bytes { get; } =
        (elements ?? chunks.Sum(static c => Sizes.Estimate(c.Span))) + ((long)chunks.Length * Unsafe.SizeOf<ReadOnlyMemory<T>>())
            + ((long)ends.Length * sizeof(int));

    public override ulong Fingerprint => fingerprint;

    public override ChunkReader<T> Read(int bucket)
    {
        var start = bucket == 0 ? 0 : ends[bucket - 1];
        return new MemoryReader<T>(new ArraySegment<ReadOnlyMemory<T>>(chunks, start, ends[bucket] - start));
    }
}
