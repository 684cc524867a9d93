using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>
/// Typed elements, laid out bucket after bucket. A shuffle output has a bucket for each reducer; a cached partition has one. When most
/// buckets are empty only the others are listed, so that a block of few elements for 10,000 reducers is small.
/// </summary>
/// <param name="ends">Where each listed bucket ends in <paramref name="items"/>.</param>
/// <param name="listed">The listed buckets in ascending order; null when all are.</param>
/// <param name="buckets">How many buckets there are.</param>
internal sealed class BucketBlock<T>(T[] items, int[] ends, int[]? listed, int buckets, ulong fingerprint) : ElementBlock<T>
{
    // Asked for with each of its cells.
    private double _elementBytes = -1;

    /// <summary>A block of one bucket.</summary>
    public BucketBlock(T[] items, int count)
        : this(items, [count], null, 1, (ulong)count)
    {
    }

    public override int Buckets => buckets;

    public override long Count => ends.Length == 0 ? 0 : ends[^1];

    public override double ElementBytes => _elementBytes >= 0 ? _elementBytes : _elementBytes = base.ElementBytes;

    public override ulong Fingerprint => fingerprint;

    public override ReadOnlySpan<int> Listed => listed;

    public override long Bytes { get; } = Sizes.Estimate<T>(items.AsSpan(0, ends.Length == 0 ? 0 : ends[^1]))
        + (sizeof(int) * (ends.Length + (listed?.Length ?? 0)));

    /// <summary>Asks for what <see cref="Bucket"/> looks at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int bucket)
    {
        if (listed is null)
        {
            Memory.Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(ends), bucket));
        }
    }

    public ReadOnlyMemory<T> Bucket(int bucket)
    {
        var at = listed is null ? bucket : Array.BinarySearch(listed, bucket);
        if (at < 0)
        {
            return default;
        }

        var start = at == 0 ? 0 : ends[at - 1];
        return items.AsMemory(start, ends[at] - start);
    }

    public override ChunkReader<T> Read(int bucket) => new MemoryReader<T>(Bucket(bucket));
}

/// <summary>One value: the result of an action on one partition.</summary>
internal sealed class ResultBlock<R>(R value, bool shareable) : Block
{
    private const int MostPlainBytes = 64;

    public R Value => value;

    /// <summary>Whether a client in the same process may have the value itself.</summary>
    public bool Shareable => shareable;

    public override int Buckets => 1;

    public override long Count => 1;

    public override ulong Fingerprint => 0;

    public override long Bytes => Sizes.Estimate<R>([value]);

    public override object? SharedValue => CanShare ? value : null;

    /// <summary>A few plain bytes are smaller encoded than a block in the store, and that is where they go then.</summary>
    public override bool CanShare =>
        shareable && (RuntimeHelpers.IsReferenceOrContainsReferences<R>() || Unsafe.SizeOf<R>() > MostPlainBytes);

    public override void EncodeResult(IBufferWriter<byte> output, CodeSpace space) => output.Write(ValueCodec.Encode(value, space));

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space)
    {
        using var writer = new FrameEncoder(space);
        writer.Write<R>([value]);
        yield return writer.WrittenFrame;
    }
}
