using System.Buffers;
using System.IO.Pipelines;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Reads the pieces of <see cref="SealedTransport"/> and hands out their bytes, none before its piece was found to fit. It works when it is
/// read, without a thread or task of its own.
/// </summary>
internal sealed class SealedPipeReader(PipeReader input, byte[] key, Action forged) : PipeReader, IDisposable
{
    private readonly PieceSeal _seal = new(key);

    // Without bounds: no more than what the transport has is in it, and its reader bounds that.
    private readonly Pipe _opened = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0,
        useSynchronizationContext: false));

    public override bool TryRead(out ReadResult result)
    {
        if (_opened.Reader.TryRead(out result))
        {
            return true;
        }

        if (!input.TryRead(out var read))
        {
            return false;
        }

        Take(read);
        return _opened.Reader.TryRead(out result);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_opened.Reader.TryRead(out var result))
            {
                return result;
            }

            Take(await input.ReadAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => _opened.Reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _opened.Reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _opened.Reader.Complete(exception);
        input.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        _opened.Reader.Complete(exception);
        return input.CompleteAsync(exception);
    }

    public void Dispose() => _seal.Dispose();

    /// <exception cref="InvalidDataException">A piece does not fit.</exception>
    private void Take(ReadResult read)
    {
        var rest = read.Buffer;
        while (TryOpen(ref rest))
        {
        }

        input.AdvanceTo(rest.Start, rest.End);
        if (read.IsCanceled)
        {
            _opened.Reader.CancelPendingRead();
        }

        if (read.IsCompleted)
        {
            // What is left is half a piece: the peer went away.
            _opened.Writer.Complete();
            return;
        }

        var flushed = _opened.Writer.FlushAsync();
        System.Diagnostics.Debug.Assert(flushed.IsCompleted, "A pipe without bounds does not wait.");
    }

    private bool TryOpen(ref ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadLittleEndian(out int length))
        {
            return false;
        }

        if (length is < 1 or > SealedPipeWriter.LongestPiece)
        {
            throw Forged();
        }

        if (reader.Remaining < length + PieceSeal.TagLength)
        {
            return false;
        }

        // Copied first and looked at then: the bytes that are judged are those that are handed out.
        var room = _opened.Writer.GetSpan(length)[..length];
        Span<byte> tag = stackalloc byte[PieceSeal.TagLength];
        bytes.Slice(SealedPipeWriter.HeaderLength, length).CopyTo(room);
        bytes.Slice(SealedPipeWriter.HeaderLength + length, PieceSeal.TagLength).CopyTo(tag);
        if (!_seal.Opens(room, tag))
        {
            throw Forged();
        }

        _opened.Writer.Advance(length);
        bytes = bytes.Slice(SealedPipeWriter.HeaderLength + length + PieceSeal.TagLength);
        return true;
    }

    private InvalidDataException Forged()
    {
        forged();
        return new InvalidDataException(
            "What came is not what the peer sent next: it was changed, left out, repeated or put in by another.");
    }
}
