using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Files;

/// <summary>The elements of an object file, a frame at a time.</summary>
internal sealed class ObjectFileReader<T>(FileEntry file, CodeSpace space, IFileSystem? files = null) : ChunkReader<T>
{
    private readonly FrameDecoder<T> _frames = new(space);
    private readonly Stream _input = new BufferedStream((files ?? LocalFileSystem.Instance).OpenRead(file, 0), 64 << 10);
    private byte[] _payload = [];
    private bool _begun;
    private bool _ended;
    private long _read;
    private int _at;
    private int _count;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        if (_at == _count && !ReadFrame())
        {
            run = default;
            return false;
        }

        var length = Math.Min(limit, _count - _at);
        run = _frames.Items.Slice(_at, length);
        _at += length;
        return true;
    }

    public override void Dispose()
    {
        _ended = true;
        (_at, _count) = (0, 0);
        _input.Dispose();
        if (_payload.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_payload);
            _payload = [];
        }
    }

    /// <summary>False at the end.</summary>
    private bool ReadFrame()
    {
        if (_ended)
        {
            return false;
        }

        try
        {
            if (!_begun)
            {
                _begun = true;
                ObjectFileFormat.ReadHead(_input, ElementShape.Of(typeof(T)));
            }

            Span<byte> header = stackalloc byte[Frame.HeaderLength];
            _input.ReadExactly(header);
            if (ObjectFileFormat.IsEnd(header, out var count))
            {
                _ended = true;
                return count == _read
                    ? false
                    : throw new InvalidDataException($"it ends after {_read} elements and says that it has {count}.");
            }

            var frame = FrameHeader.Read(header);
            if (_payload.Length < frame.Length)
            {
                // A length that a damaged header makes up must not be allocated.
                if (frame.Length > file.Length)
                {
                    throw new InvalidDataException($"a frame of {frame.Length} bytes is announced and the file has {file.Length}.");
                }

                ArrayPool<byte>.Shared.Return(_payload);
                _payload = ArrayPool<byte>.Shared.Rent(Math.Max(Frame.TargetBytes, frame.Length));
            }

            _input.ReadExactly(_payload, 0, frame.Length);
            _frames.Read(frame, _payload.AsMemory(0, frame.Length));
            (_at, _count) = (0, frame.Count);
            _read += frame.Count;
            return true;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The object file '{file.Path}' cannot be read: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException(
                $"The object file '{file.Path}' cannot be read: it ends after {_read} elements, before its end mark. Copy it again.", e);
        }
    }
}
