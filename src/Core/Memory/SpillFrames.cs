using System.Buffers;

namespace MicroSpark.Memory;

/// <summary>The frames of a spilled sequence, one after the other from its file, in one pooled buffer.</summary>
internal sealed class SpillFrames : IDisposable
{
    /// <summary>What is read at once while frames are small; of a large frame the rest is read alone.</summary>
    private const int Ahead = 32 << 10;

    private readonly SpillFile _file;
    private readonly ReadOnlyMemory<FileRange> _ranges;
    private byte[] _bytes = [];
    private bool _disposed;
    private int _at;
    private int _end;
    private int _range = -1;
    private long _offset;
    private long _unread;

    public SpillFrames(SpillFile file, ReadOnlyMemory<FileRange> ranges)
    {
        file.BeginReading();
        _file = file;
        _ranges = ranges;
    }

    /// <summary>The present frame. Valid until the next one is read.</summary>
    public Frame Current { get; private set; }

    /// <summary>Goes to the next frame; false at the end.</summary>
    /// <exception cref="InvalidDataException">The ranges do not hold whole frames.</exception>
    public bool Next()
    {
        while (_at == _end && _unread == 0)
        {
            if (++_range >= _ranges.Length)
            {
                return false;
            }

            (_offset, _unread) = _ranges.Span[_range];
        }

        Require(Frame.HeaderLength);
        var length = Frame.HeaderLength + FrameHeader.Read(_bytes.AsSpan(_at)).Length;
        Require(length);
        Current = Frame.Of(_bytes.AsMemory(_at, length));
        _at += length;
        return true;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _file.EndReading();
        (_range, _unread, _at, _end) = (_ranges.Length, 0, 0, 0);
        Current = default;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    /// <summary>Sees to it that so many bytes from the present position are in the buffer.</summary>
    private void Require(int count)
    {
        var held = _end - _at;
        if (held >= count)
        {
            return;
        }

        if (count - held > _unread)
        {
            throw new InvalidDataException($"A frame of {count} bytes begins {held + _unread} bytes before the end of its sequence.");
        }

        var read = (int)Math.Min(_unread, Math.Max(Ahead, count) - held);
        if (held + read > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Frame.TargetBytes, held + read));
            _bytes.AsSpan(_at, held).CopyTo(larger);
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }
        else
        {
            _bytes.AsSpan(_at, held).CopyTo(_bytes);
        }

        _file.Read(_offset, _bytes.AsSpan(held, read));
        (_at, _end) = (0, held + read);
        _offset += read;
        _unread -= read;
    }
}
