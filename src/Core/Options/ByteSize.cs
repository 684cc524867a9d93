using System.Globalization;

namespace MicroSpark;

/// <summary>Sizes as people write them: <c>512MB</c>, <c>1.5 GB</c>, <c>65536</c>. One KB is 1024 bytes.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB"];

    public static bool TryParse(string text, out long bytes)
    {
        var span = text.AsSpan().Trim();
        var digits = span.Length;
        while (digits > 0 && char.IsAsciiLetter(span[digits - 1]))
        {
            digits--;
        }

        var shift = Shift(span[digits..]);
        bytes = 0;
        if (shift < 0 || !decimal.TryParse(span[..digits].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = (long)(number * (1L << shift));
        return true;
    }

    /// <summary>A size with the largest unit that leaves 1 or more before the point, as <c>1.5 GB</c>.</summary>
    public static string Show(long bytes)
    {
        var unit = bytes < 1L << 10 ? 0 : bytes < 1L << 20 ? 1 : bytes < 1L << 30 ? 2 : 3;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << (10 * unit)):0.#} {s_units[unit]}");
    }

    private static int Shift(ReadOnlySpan<char> unit) =>
        unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase) ? 0
        : unit.Equals("KB", StringComparison.OrdinalIgnoreCase) ? 10
        : unit.Equals("MB", StringComparison.OrdinalIgnoreCase) ? 20
        : unit.Equals("GB", StringComparison.OrdinalIgnoreCase) ? 30
        : unit.Equals("TB", StringComparison.OrdinalIgnoreCase) ? 40
        : -1;
}
