using System.Globalization;

namespace MicroSpark.Options;

/// <summary>Sizes as people write them: <c>512MB</c>, <c>1.5 GB</c>, <c>65536</c>. One KB is 1024 bytes.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB"];

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
        if (shift < 0
            || !decimal.TryParse(span[..digits].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
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

    /// <summary>Three digits at least: <c>999 B</c>, <c>1.00 KB</c>, <c>12.3 MB</c>.</summary>
    public static string Show(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.5 && unit < s_units.Length - 1)
        {
            (value, unit) = (value / 1024, unit + 1);
        }

        var digits = unit == 0 || value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : "F2";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {s_units[unit]}";
    }

    private static int Shift(ReadOnlySpan<char> unit) =>
        unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase) ? 0
        : unit.Equals("KB", StringComparison.OrdinalIgnoreCase) ? 10
        : unit.Equals("MB", StringComparison.OrdinalIgnoreCase) ? 20
        : unit.Equals("GB", StringComparison.OrdinalIgnoreCase) ? 30
        : unit.Equals("TB", StringComparison.OrdinalIgnoreCase) ? 40
        : -1;
}
