using System.Text;

namespace MicroSpark.Files;

/// <summary>
/// Text of units wider than a byte: UTF-16 and UTF-32, told by the mark that such files begin with. It is read as UTF-8. Nobody can enter
/// it in the middle as if it were, so the split that begins the file reads all of it, as with a compressed file, and the others nothing.
/// </summary>
internal static class WideText
{
    /// <summary>The longest mark.</summary>
    public const int MarkBytes = 4;

    private static readonly UTF32Encoding s_utf32BigEndian = new(bigEndian: true, byteOrderMark: true);

    /// <summary>What the first bytes of a file say; null for UTF-8, with a mark or without.</summary>
    public static Encoding? EncodingOf(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Encoding.UTF32,
        [0, 0, 0xFE, 0xFF, ..] => s_utf32BigEndian,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    /// <summary>The same of a file, which is opened for it.</summary>
    public static Encoding? EncodingOf(FileEntry file, IFileSystem files)
    {
        using var stream = FileCompression.Decompress(files.OpenRead(file, 0), file.Path);
        Span<byte> start = stackalloc byte[MarkBytes];
        return EncodingOf(start[..stream.ReadAtLeast(start, MarkBytes, throwOnEndOfStream: false)]);
    }

    /// <summary>The text as UTF-8, still with its mark.</summary>
    public static Stream ToUtf8(Stream text, Encoding? encoding) =>
        encoding is null ? text : Encoding.CreateTranscodingStream(text, encoding, Encoding.UTF8);
}
