using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using Snappier;
using ZstdSharp;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// Decompresses a column's pages, one after the other, into memory that it keeps. A page's header says how large it will be; room for more
/// than <see cref="FreeBytes"/> is made only as the compressed bytes turn out to fill it.
/// </summary>
internal sealed class PageCodec(int codec) : IDisposable
{
    /// <summary>What a page may ask for without having shown it.</summary>
    public const int FreeBytes = 16 << 20;

    /// <summary>How the format numbers the compression that files are written with.</summary>
    public const int SnappyNumber = 1;

    // The longest copy of Snappy is 64 bytes, from 3.
    private const int SnappyMost = 22;
    private const int Lz4Most = 256;
    private byte[] _output = [];
    private Decompressor? _zstd;

    private enum Codec
    {
        None = 0,
        Snappy = SnappyNumber,
        Gzip = 2,
        Lzo = 3,
        Brotli = 4,
        Lz4 = 5,
        Zstd = 6,
        Lz4Raw = 7,
    }

    /// <summary>Whether pages are as they are.</summary>
    public bool IsNone => (Codec)codec == Codec.None;

    /// <summary>Why pages cannot be read, by name; null when they can.</summary>
    public static string? FeatureOf(int codec) => (Codec)codec switch
    {
        Codec.Lzo => "LZO compression",
        < 0 or > Codec.Lz4Raw => $"compression of kind {codec}",
        _ => null,
    };

    /// <summary>The page; valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The bytes are not what they should be, or the page is not as large as said.</exception>
    public byte[] Decompress(byte[] source, int start, int count, int size)
    {
        var input = source.AsSpan(start, count);
        if (size == 0)
        {
            return _output;
        }

        var written = (Codec)codec switch
        {
            Codec.Snappy => Snappy.Decompress(input, Room(size, size <= (long)count * SnappyMost)),
            Codec.Gzip => Gzip(source, start, count, size),
            Codec.Brotli => Growing(input, size, static (_, source, into) => Brotli(source, into)),
            Codec.Zstd => Growing(input, size, static (codec, source, into) =>
                (codec._zstd ??= new Decompressor()).TryUnwrap(source, into, out var written) ? written : null),
            Codec.Lz4Raw => LZ4Codec.Decode(input, Room(size, size <= (long)count * Lz4Most)),
            _ => Lz4(input, Room(size, size <= (long)count * Lz4Most)),
        };
        return written == size ? _output : throw new InvalidDataException($"expected {size} bytes after decompression, found {written}");
    }

    public void Dispose() => _zstd?.Dispose();

    private Span<byte> Room(int size, bool isPossible = true)
    {
        if (!isPossible)
        {
            throw new InvalidDataException($"expected compressed bytes for {size}, found too few");
        }

        if (_output.Length < size)
        {
            _output = new byte[size];
        }

        return _output.AsSpan(0, size);
    }

    private delegate int? Attempt(PageCodec codec, ReadOnlySpan<byte> source, Span<byte> into);

    // From the start again with twice the room: together that is at most twice the work, and few pages are so large.
    private int Growing(ReadOnlySpan<byte> source, int size, Attempt attempt)
    {
        for (var room = Math.Min(size, FreeBytes); ; room = (int)Math.Min(size, 2L * room))
        {
            if (attempt(this, source, Room(room)) is { } written)
            {
                return written;
            }

            if (room == size)
            {
                throw new InvalidDataException($"expected compressed bytes for {size}, found others");
            }
        }
    }

    // What is wrong is no reason for more room.
    private static int? Brotli(ReadOnlySpan<byte> source, Span<byte> into)
    {
        using var decoder = new BrotliDecoder();
        return decoder.Decompress(source, into, out _, out var written) switch
        {
            OperationStatus.Done => written,
            OperationStatus.DestinationTooSmall => null,
            _ => throw new InvalidDataException($"expected bytes of Brotli, found others after {written} bytes"),
        };
    }

    // Several members one after the other are one page.
    private int Gzip(byte[] source, int start, int count, int size)
    {
        using var stream = new GZipStream(new MemoryStream(source, start, count), CompressionMode.Decompress);
        var written = 0;
        Span<byte> beyond = stackalloc byte[1];
        Room(Math.Min(size, FreeBytes));
        while (true)
        {
            if (written == Math.Min(size, _output.Length) && written < size)
            {
                Array.Resize(ref _output, (int)Math.Min(size, 2L * _output.Length));
            }

            // One byte more than there should be is asked for, to see that there is none.
            var read = stream.Read(written < size ? _output.AsSpan(written, Math.Min(_output.Length, size) - written) : beyond);
            if (read == 0)
            {
                return written;
            }

            written = written < size
                ? written + read
                : throw new InvalidDataException($"expected {size} bytes after decompression, found more");
        }
    }

    // Hadoop puts two lengths before each block; others wrote blocks without.
    private static int Lz4(ReadOnlySpan<byte> source, Span<byte> into)
    {
        const int Lengths = 8;
        var written = 0;
        var rest = source;
        while (rest.Length >= Lengths)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(rest);
            var stored = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            if (stored > (uint)(rest.Length - Lengths) || size > (uint)(into.Length - written)
                || LZ4Codec.Decode(rest.Slice(Lengths, (int)stored), into.Slice(written, (int)size)) != size)
            {
                break;
            }

            written += (int)size;
            rest = rest[(Lengths + (int)stored)..];
        }

        return rest.IsEmpty ? written : LZ4Codec.Decode(source, into);
    }
}
