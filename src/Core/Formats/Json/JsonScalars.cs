using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MicroSpark.Formats.Json;

/// <summary>
/// Values that stand at the beginning of a text. The law: what is taken here, System.Text.Json takes with the same result; what it takes in
/// other spellings, and what it refuses, is not taken.
/// </summary>
internal static class JsonScalars
{
    /// <summary>Up to this power of ten a double holds each exactly.</summary>
    private const int MostExactPower = 22;

    private static readonly double[] s_powers =
        [.. Enumerable.Range(0, MostExactPower + 1).Select(static power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <summary>What ends a plain text, or may not stand in one.</summary>
    private static readonly SearchValues<byte> s_special =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(static i => (byte)i), (byte)'"', (byte)'\\']);

    /// <summary>A string without escapes.</summary>
    public static bool TryText(ReadOnlySpan<byte> json, ref int at, out string text)
    {
        text = "";
        if (!TryPlain(json, ref at, out var bytes))
        {
            return false;
        }

        if (bytes.Length > 0)
        {
            text = Encoding.UTF8.GetString(bytes);
        }

        return true;
    }

    public static bool TryLiteral(ReadOnlySpan<byte> json, ref int at, ReadOnlySpan<byte> literal)
    {
        var found = json[at..].StartsWith(literal);
        at += found ? literal.Length : 0;
        return found;
    }

    /// <summary>A number without fraction and exponent, of at most 18 digits.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> json, ref int at, out long number)
    {
        const int mostDigits = 18;
        var isNegative = at < json.Length && json[at] == '-';
        var start = at + (isNegative ? 1 : 0);
        var end = start;
        number = 0;
        for (; end < json.Length && json[end] - '0' is >= 0 and <= 9 and var digit; end++)
        {
            number = unchecked((10 * number) + digit);
        }

        if (end == start || end - start > mostDigits || (json[start] == '0' && (isNegative || end - start > 1)))
        {
            return false; // -0 is one where it has a sign bit, and elsewhere only where numbers have signs
        }

        number = isNegative ? -number : number;
        at = end;
        return true;
    }

    /// <summary>
    /// A double, or a float when <paramref name="single"/>, correctly rounded. Up to 15 digits and ten to the 22nd both parts of the
    /// quotient are exact, so that one division rounds once (W. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
    /// </summary>
    public static bool TryFloating(ReadOnlySpan<byte> json, ref int at, bool single, out double number)
    {
        const int mostExactDigits = 15;
        number = 0;
        var isNegative = at < json.Length && json[at] == '-';
        var start = at + (isNegative ? 1 : 0);
        var end = start;
        var digits = 0L;
        for (; end < json.Length && json[end] - '0' is >= 0 and <= 9 and var digit; end++)
        {
            digits = unchecked((10 * digits) + digit);
        }

        var count = end - start;
        if (count == 0 || (json[start] == '0' && count > 1))
        {
            return false;
        }

        var fraction = 0;
        if (end < json.Length && json[end] == '.')
        {
            var point = end++;
            for (; end < json.Length && json[end] - '0' is >= 0 and <= 9 and var digit; end++)
            {
                digits = unchecked((10 * digits) + digit);
            }

            fraction = end - point - 1;
            if (fraction == 0)
            {
                return false;
            }
        }

        if (count + fraction <= mostExactDigits && !single && !(end < json.Length && json[end] is (byte)'e' or (byte)'E'))
        {
            number = digits / s_powers[fraction];
            number = isNegative ? -number : number;
        }
        else
        {
            if (!TryEndOfExponent(json, ref end))
            {
                return false;
            }

            var text = json[at..end];
            var (isRead, consumed) = (false, 0);
            if (single)
            {
                isRead = Utf8Parser.TryParse(text, out float narrow, out consumed) && float.IsFinite(narrow);
                number = narrow;
            }
            else
            {
                isRead = Utf8Parser.TryParse(text, out number, out consumed) && double.IsFinite(number);
            }

            if (!isRead || consumed != text.Length)
            {
                return false;
            }
        }

        at = end;
        return true;
    }

    /// <summary>Any value, without what it says.</summary>
    /// <param name="depth">How deep its own values may be nested.</param>
    public static bool TrySkip(ReadOnlySpan<byte> json, ref int at, int depth)
    {
        if (at < json.Length && json[at] == '"' && TryPlain(json, ref at, out _))
        {
            return true;
        }

        try
        {
            var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = depth });
            var reader = new Utf8JsonReader(json[at..], isFinalBlock: false, state);
            if (!reader.Read() || !reader.TrySkip())
            {
                return false;
            }

            at += (int)reader.BytesConsumed;
            return true;
        }
        catch (JsonException)
        {
            return false; // the library says what is wrong, in words that name the place
        }
    }

    /// <summary>The bytes between two quotes, when they mean themselves.</summary>
    private static bool TryPlain(ReadOnlySpan<byte> json, ref int at, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (at >= json.Length || json[at] != '"')
        {
            return false;
        }

        var rest = json[(at + 1)..];
        var length = rest.IndexOfAny(s_special);
        if (length < 0 || rest[length] != '"')
        {
            return false;
        }

        bytes = rest[..length];
        if (!Utf8.IsValid(bytes))
        {
            return false; // nothing is passed over: what stands behind it is no value
        }

        at += length + 2;
        return true;
    }

    private static bool TryEndOfExponent(ReadOnlySpan<byte> json, ref int end)
    {
        if (end >= json.Length || json[end] is not ((byte)'e' or (byte)'E'))
        {
            return true;
        }

        end++;
        if (end < json.Length && json[end] is (byte)'+' or (byte)'-')
        {
            end++;
        }

        var digits = end;
        while (end < json.Length && char.IsAsciiDigit((char)json[end]))
        {
            end++;
        }

        return end > digits;
    }
}
