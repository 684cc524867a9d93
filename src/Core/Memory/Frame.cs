using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>
/// Elements outside a task's own memory are a sequence of frames, each readable by itself: in a spill file, in a bucket of a block on disk,
/// and on the wire. A frame is a <see cref="FrameHeader"/> and a payload, which may lie apart. The payload is the elements one after the
/// other, as their codec writes a run. Elements that are their memory are copied as they lie, padding included, unless the frame's checksum
/// has to name its content (<see cref="FrameEncoder"/>). Shared references are kept within a frame.
/// <list type="table">
/// <listheader><term>To have</term><description>take</description></listheader>
/// <item><term>frames of elements</term><description><see cref="FrameEncoder"/>, one at a time into its own buffer; of elements that are
/// their memory <see cref="OfMemory{T}"/>, without a copy</description></item>
/// <item><term>elements of one frame</term><description><see cref="FrameDecoder{T}"/></description></item>
/// <item><term>elements of frames that are at hand</term><description><see cref="FrameSequenceReader{T}"/>, a
/// <see cref="FrameChunkReader{T}"/>: derive from that where frames come from elsewhere</description></item>
/// <item><term>elements on disk</term><description><see cref="SpillFile"/>: its <see cref="SpillWriter{T}"/> makes the frames,
/// <see cref="SpillReader{T}"/> gives the elements, <see cref="SpillFrames"/> the frames as they lie there</description></item>
/// <item><term>a result that will leave as frames</term><description><c>Storage.ResultKeeper</c>: in memory, or on disk when there is too
/// much</description></item>
/// <item><term>frames of another worker</term><description><c>Tasks.BlockStream</c>; of this process's own memory
/// <c>Engine.HeldBlockStream</c></description></item>
/// </list>
/// </summary>
internal readonly record struct Frame(FrameHeader Header, ReadOnlyMemory<byte> Payload)
{
    public const int HeaderLength = 16;

    /// <summary>A frame never has more elements.</summary>
    public const int MostElements = 64 << 10;

    /// <summary>
    /// Nor more of those that are encoded: an encoder holds so many objects, and there may be one for each of many spills.
    /// </summary>
    public const int MostEncoded = 4 << 10;

    /// <summary>
    /// A frame is closed when it has reached so many bytes; only one whose last elements are large is longer. A merge holds a frame of
    /// each of its sources, so a frame is no larger than a disk or a socket needs to be busy.
    /// </summary>
    public const int TargetBytes = 256 << 10;

    /// <summary>With the header.</summary>
    public int Length => HeaderLength + Payload.Length;

    /// <summary>A frame as a file or a message has it.</summary>
    /// <exception cref="InvalidDataException">It does not begin with a header.</exception>
    public static Frame Of(ReadOnlyMemory<byte> bytes) => new(FrameHeader.Read(bytes.Span), bytes[HeaderLength..]);

    /// <summary>A frame of elements that are their memory: it is read where they lie.</summary>
    /// <param name="items">Between 1 and <see cref="ElementsOf"/>, which stay as they are.</param>
    public static Frame OfMemory<T>(ReadOnlyMemory<T> items)
    {
        var payload = new BytesOf<T>(items).Memory;
        return new Frame(FrameHeader.Of(items.Length, payload.Span), payload);
    }

    /// <summary>How many elements go in a frame: of those that are encoded fewer when they are large.</summary>
    public static int ElementsOf<T>() =>
        IsMemory<T>() ? Math.Clamp((TargetBytes - HeaderLength) / Unsafe.SizeOf<T>(), 1, MostElements) : MostEncoded;

    /// <summary>Whether the elements are nothing but their memory.</summary>
    public static bool IsMemory<T>() => !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && CodecOf<T>.Instance is RawCodec<T>;

    public void CopyTo(Span<byte> destination)
    {
        Header.Write(destination);
        Payload.Span.CopyTo(destination[HeaderLength..]);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The same memory as bytes.</summary>
    private sealed class BytesOf<T>(ReadOnlyMemory<T> items) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.CreateSpan(
            ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items.Span)), checked(items.Length * Unsafe.SizeOf<T>()));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Frames are copied, not pinned.");

        public override void Unpin() => throw new NotSupportedException("Frames are copied, not pinned.");

        protected override void Dispose(bool disposing)
        {
        }
    }
}
