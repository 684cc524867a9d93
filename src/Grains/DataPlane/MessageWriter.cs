using System.IO.Pipelines;
using K4os.Compression.LZ4;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Puts frames into an answer. The pipe is asked for large pieces of memory, each filled with as many messages as fit. Frames handed over
/// as they are would be cut into Kestrel's pieces of 4 KB, and that doubles the cost of sending.
/// </summary>
/// <param name="pack">Whether to pack frames that shrink.</param>
/// <param name="seal">The answer's own.</param>
internal sealed class MessageWriter(PipeWriter output, bool pack, PieceSeal seal)
{
    /// <summary>
    /// Bytes that may wait for a reader; then the next frame is not made until it has taken some. Each open stream costs so much at most.
    /// </summary>
    public const int Window = 512 << 10;

    private const int Piece = 256 << 10;

    /// <summary>A packed frame is shorter by one part in so many, or goes as it is.</summary>
    private const int LeastSaved = 8;

    private Memory<byte> _room;
    private int _used;
    private int _waiting;

    /// <summary>Elements sent.</summary>
    public long Elements { get; private set; }

    /// <param name="frames">Each valid until the next one is asked for.</param>
    /// <param name="skip">Elements that the reader has.</param>
    /// <returns>False when the block is not cut where the reader stands: it went to disk meanwhile.</returns>
    public async ValueTask<bool> SendAsync(int position, IEnumerable<Frame> frames, long skip, CancellationToken stop)
    {
        var first = 0L;
        foreach (var frame in frames)
        {
            var count = frame.Header.Count;
            if (first >= skip)
            {
                Write(position, first, frame);
                Elements += count;
                if (_waiting >= Piece)
                {
                    await FlushAsync(stop);
                }
            }
            else if (first + count > skip)
            {
                return false;
            }

            first += count;
        }

        return true;
    }

    /// <summary>The last message of an answer.</summary>
    public ValueTask EndAsync(ControlMessage message, CancellationToken stop)
    {
        BlockWire.Seal(message.Bytes, message.Position, message.First, seal);
        message.Bytes.CopyTo(Take(message.Bytes.Length));
        return FlushAsync(stop);
    }

    private void Write(int position, long first, Frame frame)
    {
        var message = Take(BlockWire.Before + frame.Length);
        var sent = frame.Payload.Length;
        var packed = pack ? Pack(frame.Payload.Span, message[BlockWire.HeaderLength..]) : 0;
        if (packed > 0)
        {
            frame.Header.Write(message[BlockWire.Before..]);
            _used -= sent - packed;
            _waiting -= sent - packed;
            sent = packed;
        }
        else
        {
            frame.CopyTo(message[BlockWire.Before..]);
        }

        BlockWire.Seal(message[..(BlockWire.HeaderLength + sent)], position, first, seal);
    }

    /// <returns>The packed length; 0 or less when it is not worth the reader's unpacking.</returns>
    private static int Pack(ReadOnlySpan<byte> payload, Span<byte> destination) =>
        LZ4Codec.Encode(payload, destination[..(payload.Length - (payload.Length / LeastSaved))]);

    private Span<byte> Take(int length)
    {
        if (_room.Length - _used < length)
        {
            Commit();
            _room = output.GetMemory(Math.Max(length, Piece));
        }

        _used += length;
        _waiting += length;
        return _room.Span.Slice(_used - length, length);
    }

    private void Commit()
    {
        if (_used > 0)
        {
            output.Advance(_used);
        }

        (_room, _used) = (default, 0);
    }

    private async ValueTask FlushAsync(CancellationToken stop)
    {
        Commit();
        _waiting = 0;
        var flushed = await output.FlushAsync(stop);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The reader went away.");
        }
    }
}
