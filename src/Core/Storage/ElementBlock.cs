using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Storage;

/// <summary>A block of elements of one type: a shuffle's output or a kept partition, however it is held.</summary>
internal abstract class ElementBlock<T> : Block
{
    /// <summary>Streams a bucket. Elements in memory are handed out by reference.</summary>
    public abstract ChunkReader<T> Read(int bucket);

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space)
    {
        using var reader = Read(bucket);
        using var writer = new FrameEncoder(space);
        while (true)
        {
            if (Frame.IsMemory<T>() && reader.NextLasting(out var lasting))
            {
                for (var count = 0; !lasting.IsEmpty; lasting = lasting[count..])
                {
                    count = Math.Min(lasting.Length, Frame.ElementsOf<T>());
                    yield return Frame.OfMemory(lasting[..count]);
                }
            }
            else if (reader.Next(Frame.ElementsOf<T>(), out var run))
            {
                var written = writer.Write(run);
                ReadOnlyMemory<T> rest = run[written..].ToArray();
                yield return writer.WrittenFrame;
                for (; !rest.IsEmpty; rest = rest[written..])
                {
                    written = writer.Write(rest.Span);
                    yield return writer.WrittenFrame;
                }
            }
            else
            {
                yield break;
            }
        }
    }

    public override Block? ToDisk(SpillFile file)
    {
        var buckets = new SpilledSequence[Buckets];
        for (var b = 0; b < buckets.Length; b++)
        {
            using var reader = Read(b);
            using var writer = file.Append<T>();
            while (reader.Next(int.MaxValue, out var run))
            {
                writer.Add(run);
            }

            buckets[b] = writer.Complete();
        }

        file.EndWriting();
        return new DiskBlock<T>(file, buckets, Fingerprint);
    }
}
