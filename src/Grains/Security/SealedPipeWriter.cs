using System.Buffers.Binary;
using System.IO.Pipelines;

namespace MicroSpark.Grains.Security;

/// <summary>Gathers what is written until it is flushed, and sends it as pieces of <see cref="SealedTransport"/>.</summary>
internal sealed class SealedPipeWriter(PipeWriter output, byte[] key) : PipeWriter, IDisposable
{
    /// <summary>Longer writes go as several pieces, so that a reader holds no more than this before it knows who sent it.</summary>
    public const int LongestPiece = 64 << 10;

    public const int HeaderLength = sizeof(int);

    private const int Least = 4 << 10;

    /// <summary>A larger buffer is let go once it was sent.</summary>
    private const int Most = 256 << 10;

    private readonly PieceSeal _seal = new(key);
    private byte[] _written = [];
    private int _count;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _count;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _written.AsMemory(_count);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _written.AsSpan(_count);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _written.Length - _count);
        _count += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Send();
        return output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);

    public void Dispose() => _seal.Dispose();

    private void Grow(int sizeHint)
    {
        var wanted = _count + Math.Max(sizeHint, 1);
        if (wanted > _written.Length)
        {
            Array.Resize(ref _written, (int)Math.Min(Math.Max(Math.Max(wanted, Least), 2L * _written.Length), Array.MaxLength));
        }
    }

    private void Send()
    {
        for (var sent = 0; sent < _count;)
        {
            var piece = _written.AsSpan(sent, Math.Min(_count - sent, LongestPiece));
            var length = HeaderLength + piece.Length + PieceSeal.TagLength;
            var room = output.GetSpan(length);
            BinaryPrimitives.WriteInt32LittleEndian(room, piece.Length);
            piece.CopyTo(room[HeaderLength..]);
            _seal.Seal(piece, room.Slice(HeaderLength + piece.Length, PieceSeal.TagLength));
            output.Advance(length);
            sent += piece.Length;
        }

        _count = 0;
        if (_written.Length > Most)
        {
            _written = [];
        }
    }
}
