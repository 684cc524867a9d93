using System.Text;
using K4os.Compression.LZ4;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Cuts the bytes of one answer of <c>POST /blocks</c> into frames and checks them. It knows no socket: whoever reads one asks for
/// <see cref="Room"/>, fills it and says how much came. Nothing in the bytes is trusted, and the buffer grows only with what has really
/// come.
/// </summary>
/// <param name="request">What was asked for.</param>
/// <param name="from">The first block that this answer was asked for, and <paramref name="skip"/> how many of its elements are
/// known.</param>
internal sealed class MessageReader(WorkerId worker, BlockRequest request, int from, long skip) : IDisposable
{
    /// <summary>So much is read at once beyond the frame that is wanted.</summary>
    private const int Ahead = 512 << 10;

    /// <summary>The first buffer. It doubles as often as it is full: of many silos' streams most are short.</summary>
    private const int Least = 16 << 10;

    /// <summary>LZ4 writes at most so many bytes for one.</summary>
    private const int MostUnpacked = 256;

    private readonly int _from = from;
    private byte[] _buffer = [];
    private byte[] _unpacked = [];
    private int _start;
    private int _end;
    private int _needed = BlockWire.HeaderLength;
    private long _elements;
    private MessageHeader? _header;
    private PieceSeal? _seal;

    /// <summary>The present frame's block, counted from the first of the whole request.</summary>
    public int Position { get; private set; } = from;

    /// <summary>Elements of that block up to and with the present frame.</summary>
    public long Elements { get; private set; } = skip;

    public FrameHeader Header { get; private set; }

    /// <summary>Valid until <see cref="Room"/> or <see cref="TryNext"/> is called.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Whether the answer is complete.</summary>
    public bool Ended { get; private set; }

    /// <summary>Bytes held.</summary>
    public int Held => _buffer.Length + _unpacked.Length;

    /// <summary>Before the first bytes.</summary>
    /// <param name="seal">The answer's own; this object closes it.</param>
    public void Start(PieceSeal seal) => _seal = seal;

    /// <summary>Where the next bytes go. Never empty.</summary>
    public Memory<byte> Room()
    {
        if (_start > 0)
        {
            // At most what was read ahead: a frame that is larger is read to its end and no further.
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var wanted = Math.Max(_needed, Ahead);
        if (_buffer.Length == 0 || (_end == _buffer.Length && _buffer.Length < wanted))
        {
            Borrowed.Grow(ref _buffer, _end, (int)Math.Min(wanted, Math.Max(2L * _end, Least)));
        }

        return _buffer.AsMemory(_end, Math.Min(wanted, _buffer.Length) - _end);
    }

    public void Filled(int count) => _end += count;

    /// <summary>Goes to the next frame, or to the end. False: more bytes are needed.</summary>
    /// <exception cref="BlocksMissingException">The worker lacks some of the blocks.</exception>
    /// <exception cref="BlockUnkeptException">The worker has not kept a block's elements.</exception>
    /// <exception cref="InvalidDataException">The bytes are not what a worker sends; asking again may help.</exception>
    /// <exception cref="InvalidOperationException">The worker could not encode a block.</exception>
    public bool TryNext()
    {
        var bytes = _buffer.AsMemory(_start, _end - _start);
        if (_header is null)
        {
            if (bytes.Length < BlockWire.HeaderLength)
            {
                _needed = BlockWire.HeaderLength;
                return false;
            }

            _header = BlockWire.ReadHeader(bytes.Span, _seal!);
            _needed = (int)Math.Min(BlockWire.HeaderLength + (long)_header.Value.Sent, Array.MaxLength);
        }

        if (bytes.Length < _needed)
        {
            return false;
        }

        BlockWire.CheckPayload(bytes.Span[.._needed], _seal!);
        var header = _header.Value;
        _header = null;
        _start += _needed;
        Take(header, bytes[BlockWire.HeaderLength.._needed]);
        return true;
    }

    public void Dispose()
    {
        Borrowed.GiveBack(ref _buffer);
        Borrowed.GiveBack(ref _unpacked);
        _seal?.Dispose();
    }

    /// <exception cref="InvalidDataException">The bytes do not unpack to the length that the frame says.</exception>
    private ReadOnlyMemory<byte> Unpack(ReadOnlySpan<byte> packed, int length)
    {
        if (length > (long)packed.Length * MostUnpacked)
        {
            throw new InvalidDataException($"{packed.Length} packed bytes cannot be the {length} that they are said to be.");
        }

        if (_unpacked.Length < length)
        {
            Borrowed.GiveBack(ref _unpacked);
            _unpacked = Borrowed.Array<byte>(length);
        }

        var unpacked = LZ4Codec.Decode(packed, _unpacked.AsSpan(0, length));
        return unpacked == length
            ? _unpacked.AsMemory(0, length)
            : throw new InvalidDataException($"{packed.Length} packed bytes do not unpack to the {length} that they are said to be.");
    }

    private void Take(MessageHeader header, ReadOnlyMemory<byte> payload)
    {
        payload = payload.Length < header.Frame.Length ? Unpack(payload.Span, header.Frame.Length) : payload;
        header.Frame.Check(payload.Span);
        if (header.Position < 0)
        {
            TakeControl(header, payload.Span);
            return;
        }

        var position = _from + (long)header.Position;
        var expected = position == Position ? Elements : 0;
        if (position < Position || position >= request.Blocks.Count || header.First != expected)
        {
            throw new InvalidDataException(
                $"Expected more of block {Position} after {Elements} elements or a later one, found block {position} after "
                + $"{header.First} elements.");
        }

        (Position, Elements, Header, Payload) = ((int)position, expected + header.Frame.Count, header.Frame, payload);
        _elements += header.Frame.Count;
    }

    private void TakeControl(MessageHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Position)
        {
            case BlockWire.End when header.First == _elements:
                Ended = true;
                return;
            case BlockWire.Missing:
                throw new BlocksMissingException(worker, request.Lineage, BlockWire.DecodePartitions(payload));
            case BlockWire.Unkept:
                throw new BlockUnkeptException(worker, request.Lineage);
            case BlockWire.Failed:
                throw new InvalidOperationException(
                    $"Worker {worker} could not encode blocks of {request.Lineage}: {Encoding.UTF8.GetString(payload)}");
            default:
                throw new InvalidDataException(
                    $"An answer ends with message {header.Position} after {header.First} elements; {_elements} were read.");
        }
    }
}
