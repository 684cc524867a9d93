using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>Turns frames back into elements, one frame at a time. Used by one thread.</summary>
internal sealed class FrameDecoder<T>(CodeSpace space)
{
    private ReadOnlyMemory<byte> _payload;
    private T[] _decoded = [];
    private int _count;

    /// <summary>The present frame's elements. Valid until the next frame, and while the bytes of its payload stay as they are.</summary>
    public ReadOnlySpan<T> Items => Frame.IsMemory<T>()
        ? MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(_payload.Span)), _count)
        : _decoded.AsSpan(0, _count);

    /// <summary>Bytes of the array that elements are decoded into; 0 when they stay where they arrived.</summary>
    public long Held => (long)_decoded.Length * Unsafe.SizeOf<T>();

    /// <summary>Takes a frame; its payload is checked here. Elements that are their memory are not copied.</summary>
    /// <returns>Its elements.</returns>
    /// <exception cref="InvalidDataException">The payload is not what was written.</exception>
    public ReadOnlySpan<T> Read(FrameHeader frame, ReadOnlyMemory<byte> payload)
    {
        frame.Check(payload.Span);
        return Take(frame, payload);
    }

    /// <summary>As <see cref="Read"/>, for a payload that was checked when it arrived.</summary>
    public ReadOnlySpan<T> Take(FrameHeader frame, ReadOnlyMemory<byte> payload)
    {
        _count = 0;
        if (Frame.IsMemory<T>())
        {
            if (payload.Length != (long)frame.Count * Unsafe.SizeOf<T>())
            {
                throw ValueReader.Corrupt(
                    $"{frame.Count} elements of {Unsafe.SizeOf<T>()} bytes are announced and {payload.Length} bytes follow");
            }

            _payload = payload;
        }
        else
        {
            Decode(frame.Count, payload.Span);
        }

        _count = frame.Count;
        return Items;
    }

    private void Decode(int count, ReadOnlySpan<byte> payload)
    {
        var codec = CodecOf<T>.Instance;
        ValueReader reader = new(payload, space);
        try
        {
            reader.CheckCount((uint)count, codec.MinBytes);
            if (_decoded.Length < count)
            {
                _decoded = new T[count];
            }

            codec.ReadRun(ref reader, _decoded.AsSpan(0, count));
            reader.Complete();
        }
        finally
        {
            reader.Dispose();
        }
    }
}
