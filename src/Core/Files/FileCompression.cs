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

        /// <summary>Compressed by something that .NET does not have.</summary>
        Unknown,
    }

    public static Kind Of(string path) => Path.GetExtension(path.AsSpan()) switch
    {
        ".gz" => Kind.Gzip,
        ".bz2" or ".deflate" or ".zst" or ".xz" or ".lz4" or ".lzo" or ".snappy" => Kind.Unknown,
        _ => Kind.None,
    };

    /// <summary>The extension that a save adds to its files.</summary>
    public static string Extension(this Compression compression) => compression switch
    {
        Compression.None => "",
        Compression.Gzip => ".gz",
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "The compression is None or Gzip."),
    };

    /// <summary>What <paramref name="stored"/> holds, decompressed.</summary>
    public static Stream Decompress(Stream stored, string path) => Of(path) switch
    {
        Kind.None => stored,
        Kind.Gzip => new GzipInput(stored, path),
        _ => throw new NotSupportedException(
            $"The file '{path}' is compressed in a way that cannot be read ('{Path.GetExtension(path)}'). Decompress it, or compress it with gzip."),
    };
}
