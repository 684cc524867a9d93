using System.Buffers;

namespace MicroSpark.DataPlane;

/// <summary>
/// Collects one frame in one pooled array: the header's place first, then what the block encodes, so that a frame leaves in one write.
/// </summary>
internal sealed class FrameBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _length = BlockWire.HeaderLength;

    public void Reset() => _length = BlockWire.HeaderLength;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>The whole frame, header included. Valid until the next <see cref="Reset"/>.</summary>
    public ReadOnlyMemory<byte> Seal(int position)
    {
        BlockWire.WriteHeader(_bytes, position, _bytes.AsSpan(BlockWire.HeaderLength, _length - BlockWire.HeaderLength));
        return _bytes.AsMemory(0, _length);
    }

    /// <summary>What was encoded, as an array of its own.</summary>
    public byte[] ToPayload() => _bytes.AsSpan(BlockWire.HeaderLength, _length - BlockWire.HeaderLength).ToArray();

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int sizeHint)
    {
        var needed = (long)_length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException($"One bucket of a block takes more than {Array.MaxLength} bytes encoded. Use more partitions.");
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
