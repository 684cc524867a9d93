using System.Buffers;

namespace MicroSpark.SharedVariables;

/// <summary>
/// Collects bytes in pieces of a bounded size, so that a large value never is one array on its way. The same bytes written the same way
/// give the same pieces.
/// </summary>
internal sealed class ChunkedBytes : IBufferWriter<byte>
{
    /// <summary>A single string or array of numbers that is asked room for at once may take a larger piece of its own.</summary>
    public const int ChunkSize = 4 << 20;

    private const int FirstSize = 256;

    private readonly List<byte[]> _closed = [];
    private byte[] _open = [];
    private int _used;

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _open.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _open.AsSpan(_used);
    }

    /// <summary>The pieces, in order, each exactly as long as its content.</summary>
    public byte[][] Close()
    {
        CloseOpen();
        return [.. _closed];
    }

    private void MakeRoom(int count)
    {
        if (_open.Length - _used >= count)
        {
            return;
        }

        if (_used + (long)count <= ChunkSize)
        {
            // Small values take small arrays.
            Array.Resize(ref _open, Math.Min(ChunkSize, Math.Max(_used + count, Math.Max(FirstSize, 2 * _open.Length))));
            return;
        }

        CloseOpen();
        _open = new byte[Math.Max(count, ChunkSize)];
    }

    private void CloseOpen()
    {
        if (_used > 0)
        {
            Array.Resize(ref _open, _used);
            _closed.Add(_open);
        }

        (_open, _used) = ([], 0);
    }
}
