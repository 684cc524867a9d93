using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MicroSpark.Memory;

/// <summary>A frame that is made: its header, and its payload wherever that lies.</summary>
internal readonly record struct FrameBytes(Frame Header, ReadOnlyMemory<byte> Payload)
{
    /// <summary>With the header.</summary>
    public int Length => Frame.HeaderLength + Payload.Length;

    /// <summary>A frame as a file or a message has it.</summary>
    /// <exception cref="InvalidDataException">It does not begin with a header.</exception>
    public static FrameBytes Of(ReadOnlyMemory<byte> bytes) => new(Frame.Read(bytes.Span), bytes[Frame.HeaderLength..]);

    /// <summary>A frame of elements that are their memory: it is read where they lie.</summary>
    /// <param name="items">Between 1 and <see cref="Frame.ElementsOf"/>, which stay as they are.</param>
    public static FrameBytes OfMemory<T>(ReadOnlyMemory<T> items)
    {
        var payload = new BytesOf<T>(items).Memory;
        return new FrameBytes(Frame.Of(items.Length, payload.Span), payload);
    }

    public void CopyTo(Span<byte> destination)
    {
        Header.Write(destination);
        Payload.Span.CopyTo(destination[Frame.HeaderLength..]);
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
