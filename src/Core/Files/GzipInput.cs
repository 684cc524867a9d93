using System.IO.Compression;

namespace MicroSpark.Files;

/// <summary>
/// Reads a gzip file of one member or several, to its very end. .NET's <see cref="GZipStream"/> takes a file that was cut off for a
/// complete one and hands out its beginning. Lines would be lost without a word.
/// </summary>
/// <remarks>
/// So a member of our own is read behind the file's last one. Its content comes out only if all members before it are whole; when
/// the stream ends otherwise, the file was cut off or goes on with something that is no gzip.
/// </remarks>
internal sealed class GzipInput : ReadOnlyStream
{
    private static readonly byte[] Mark = "end of gzip data"u8.ToArray();
    private static readonly byte[] MarkMember = MakeMarkMember();

    private readonly string _path;
    private readonly Stream _stored;
    private readonly GZipStream _content;
    private readonly byte[] _buffer = new byte[128 << 10];
    private int _head;
    private int _tail;
    private bool _ended;

    public GzipInput(Stream stored, string path)
    {
        _path = path;
        _stored = stored;
        _content = new GZipStream(new Concatenation(stored), CompressionMode.Decompress);
    }

    public override int Read(Span<byte> buffer)
    {
        // The last bytes are held back until it is known whether they are the mark.
        while (!_ended && _tail - _head <= Mark.Length)
        {
            Fill();
        }

        var count = Math.Min(buffer.Length, _tail - _head - (_ended ? 0 : Mark.Length));
        _buffer.AsSpan(_head, count).CopyTo(buffer);
        _head += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _stored.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_head, _tail - _head).CopyTo(_buffer);
        (_head, _tail) = (0, _tail - _head);
        int read;
        try
        {
            read = _content.Read(_buffer, _tail, _buffer.Length - _tail);
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException(
                $"The file '{_path}' is no whole gzip file: it was cut off, was changed, or is of another format ({damaged.Message})",
                damaged);
        }

        _tail += read;
        if (read == 0)
        {
            if (!_buffer.AsSpan(0, _tail).EndsWith(Mark))
            {
                throw new InvalidDataException(
                    $"The gzip file '{_path}' was cut off, or goes on behind its end with something that is no gzip.");
            }

            _tail -= Mark.Length;
            _ended = true;
        }
    }

    private static byte[] MakeMarkMember()
    {
        var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.SmallestSize))
        {
            gzip.Write(Mark);
        }

        return member.ToArray();
    }

    private sealed class Concatenation(Stream stored) : ReadOnlyStream
    {
        private int _marked = -1; // bytes of the mark's member given so far; -1 while the file lasts

        public override int Read(Span<byte> buffer)
        {
            if (_marked < 0)
            {
                var read = stored.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                {
                    return read;
                }

                _marked = 0;
            }

            var count = Math.Min(buffer.Length, MarkMember.Length - _marked);
            MarkMember.AsSpan(_marked, count).CopyTo(buffer);
            _marked += count;
            return count;
        }
    }
}
