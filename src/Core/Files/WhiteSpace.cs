using System.Buffers;

namespace MicroSpark.Files;

/// <summary>The characters that .NET takes for white space.</summary>
internal static class WhiteSpace
{
    public static SearchValues<char> All { get; } =
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(char.IsWhiteSpace)]);

    public static ReadOnlySpan<byte> Ascii => "\t\n\v\f\r "u8;
}
