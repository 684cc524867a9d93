using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// Numbers with a fraction. .NET takes group separators in them wherever they stand: <c>1,5</c>, which is one and a half where it was
/// written, would be 15. So they are not taken at all, unless the options name a culture, and then only where its groups are.
/// </summary>
/// <remarks>Whole numbers are safe: .NET takes no separators there.</remarks>
internal static class CsvNumbers
{
    private static readonly Type[] s_withGroups =
        [typeof(double), typeof(decimal), typeof(float), typeof(Half), typeof(NFloat), typeof(Complex)];

    /// <summary>Whether .NET would take group separators in a number of this type.</summary>
    public static bool HasGroups(Type type) => Array.IndexOf(s_withGroups, type) >= 0;

    public static bool TryParse<T>(ReadOnlySpan<char> text, CultureInfo culture, [MaybeNullWhen(false)] out T value)
        where T : INumberBase<T>
    {
        var style = typeof(T) == typeof(decimal) ? NumberStyles.Number & ~NumberStyles.AllowThousands : NumberStyles.Float;
        return T.TryParse(text, style, culture, out value)
            || (culture.Name.Length > 0 && HasWholeGroups(text, culture.NumberFormat)
                && T.TryParse(text, style | NumberStyles.AllowThousands, culture, out value));
    }

    /// <summary>Whether what separates the digits in front of the fraction stands where the culture's groups end.</summary>
    private static bool HasWholeGroups(ReadOnlySpan<char> text, NumberFormatInfo format)
    {
        var end = text.IndexOf(format.NumberDecimalSeparator, StringComparison.Ordinal);
        var whole = end < 0 ? text.Trim() : text[..end].TrimStart();
        while (whole.Length > 0 && !char.IsAsciiDigit(whole[0]))
        {
            whole = whole[1..]; // a sign
        }

        var (digits, group) = (0, 0);
        for (var i = whole.Length - 1; i >= 0; i--)
        {
            if (char.IsAsciiDigit(whole[i]))
            {
                digits++;
                continue;
            }

            if (digits == 0 || digits != SizeOf(group++))
            {
                return false;
            }

            digits = 0;
        }

        // The first group may be shorter, and is never longer.
        return digits > 0 && group > 0 && (SizeOf(group) is 0 || digits <= SizeOf(group));

        // The last size is that of all groups from there on; 0 stands for one group of all that is left.
        int SizeOf(int index)
        {
            var sizes = format.NumberGroupSizes;
            return sizes.Length == 0 ? 0 : sizes[Math.Min(index, sizes.Length - 1)];
        }
    }
}
