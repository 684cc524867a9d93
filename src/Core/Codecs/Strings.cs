using System.Runtime.InteropServices;
using System.Text;

namespace MicroSpark.Codecs;

/// <summary>
/// Strings: null is 0, else (bytes * 2 + form + 1) and the bytes, UTF-8 where the text is well-formed. Text with lone surrogates is in
/// UTF-16, because UTF-8 would lose them. Identity is not kept: only ReferenceEquals could tell.
/// </summary>
internal static class Strings
{
    private const int ShortLength = 40;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void WriteString(this ref ValueWriter writer, string? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        if (value.Length <= ShortLength && Ascii.IsValid(value))
        {
            // The common case: one byte of length, one byte a character.
            var room = writer.Claim(value.Length + 1);
            room[0] = (byte)((value.Length << 1) + 1);
            Ascii.FromUtf16(value, room[1..], out var written);
            writer.Advance(written + 1);
            return;
        }

        WriteLong(ref writer, value);
    }

    public static string? ReadString(this ref ValueReader reader)
    {
        var head = reader.ReadVarint();
        if (head == 0)
        {
            return null;
        }

        var wide = ((head - 1) & 1) != 0;
        var bytes = reader.ReadBytes((int)((head - 1) >> 1));
        if (wide)
        {
            return bytes.Length % 2 == 0
                ? new string(MemoryMarshal.Cast<byte, char>(bytes))
                : throw ValueReader.Corrupt($"a text of 2-byte characters has {bytes.Length} bytes");
        }

        if (bytes.Length <= ShortLength && Ascii.IsValid(bytes))
        {
            return Encoding.Latin1.GetString(bytes);
        }

        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw ValueReader.Corrupt("a text is not UTF-8");
        }
    }

    private static void WriteLong(ref ValueWriter writer, string value)
    {
        var wide = MemoryMarshal.AsBytes(value.AsSpan());
        if (HasLoneSurrogate(value))
        {
            writer.WriteVarint(Head(wide.Length, 1, value));
            writer.WriteBytes(wide);
            return;
        }

        var count = Encoding.UTF8.GetByteCount(value);
        writer.WriteVarint(Head(count, 0, value));
        var room = writer.Claim(count);
        writer.Advance(Encoding.UTF8.GetBytes(value, room));
    }

    private static uint Head(int bytes, uint form, string value) =>
        bytes <= int.MaxValue - 1
            ? ((uint)bytes << 1) + form + 1
            : throw new NotEncodableException("", $"a text of {value.Length:N0} characters takes more than 2 GB.", value);

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0)
        {
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return true;
            }

            text = text[(at + 2)..];
            at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        }

        return false;
    }
}
