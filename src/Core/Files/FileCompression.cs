using System.IO.Compression;
using ZstdSharp;

namespace MicroSpark.Files;

/// <summary>What a file's name says about its compression, as with Spark.</summary>
internal static class FileCompression
{
    internal enum Kind
    {
        /// <summary>Plain bytes, which can be entered anywhere.</summary>
        None,

        /// <summary><c>.gz</c>, of one member or several.</summary>
        Gzip,

        /// <summary><c>.zst</c>, of one frame or several.</summary>
        Zstd,

        /// <summary>Compressed by something that cannot be read here.</summary>
        Unknown,
    }

    public static Kind Of(string path) => Path.GetExtension(path.AsSpan()) switch
    {
        ".gz" => Kind.Gzip,
        ".zst" => Kind.Zstd,
        ".bz2" or ".deflate" or ".xz" or ".lz4" or ".lzo" or ".snappy" => Kind.Unknown,
        _ => Kind.None,
    };

    /// <summary>The extension that a save adds to its files.</summary>
    public static string Extension(this Compression compression) => compression switch
    {
        Compression.None => "",
        Compression.Gzip => ".gz",
        Compression.Zstd => ".zst",
        _ => throw Unknown(compression),
    };

    /// <summary>A stream that compresses into <paramref name="file"/>, and leaves it open.</summary>
    public static Stream Compress(this Compression compression, Stream file) => compression switch
    {
        Compression.None => file,
        Compression.Gzip => new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true),
        Compression.Zstd => new CompressionStream(file, leaveOpen: true),
        _ => throw Unknown(compression),
    };

    /// <summary>What <paramref name="stored"/> holds, decompressed.</summary>
    public static Stream Decompress(Stream stored, string path) => Of(path) switch
    {
        Kind.None => stored,
        Kind.Gzip => new GzipInput(stored, path),
        Kind.Zstd => new ZstdInput(stored, path),
        _ => throw new NotSupportedException(
            $"The file '{path}' is compressed in a way that cannot be read ('{Path.GetExtension(path)}'). Decompress it, or compress it "
            + $"with gzip or zstd."),
    };

    private static ArgumentOutOfRangeException Unknown(Compression compression) =>
        new(nameof(compression), compression, "The compression is None, Gzip or Zstd.");
}
