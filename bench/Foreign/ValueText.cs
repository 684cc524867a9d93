using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Bench.Foreign;

/// <summary>
/// Values of both sides as text that is the same when they are. Times are compared in microseconds, which is what DuckDB keeps of most.
/// </summary>
internal static class ValueText
{
    private const int TicksPerMicrosecond = 10;
    private const int NanosPerMicrosecond = 1000;

    /// <summary>A value that MicroSpark read.</summary>
    public static string Of(ParquetNode node, object? value)
    {
        switch (node)
        {
            case var _ when value is null:
                return "null";
            case ParquetStructNode group:
                return Braces(group.Children.Select((child, place) => Of(child, value.GetType().GetField(RowTypes.Field(place))!.GetValue(value))));
            case ParquetListNode { IsMap: true, Item: ParquetStructNode { Children: [var key, var item] } }:
                var pairs = new List<string>();
                foreach (DictionaryEntry entry in (IDictionary)value)
                {
                    pairs.Add($"{Of(key, entry.Key)}={Of(item, entry.Value)}");
                }

                return Braces(pairs);
            case ParquetListNode list:
                return Brackets(((IEnumerable)value).Cast<object?>().Select(item => Of(list.Item, item)));
            default:
                return Of((ParquetLeafNode)node, value);
        }
    }

    /// <summary>A value that DuckDB made JSON of.</summary>
    public static string OfJson(ParquetNode node, JsonElement value)
    {
        switch (node)
        {
            case var _ when value.ValueKind == JsonValueKind.Null:
                return "null";

            // DuckDB leaves out a group of one column in some places.
            case ParquetStructNode { Children: [var only] } when value.ValueKind != JsonValueKind.Object:
                return Braces([OfJson(only, value)]);
            case ParquetStructNode group:
                return Braces(value.EnumerateObject().Select((member, place) => OfJson(group.Children[place], member.Value)));
            case ParquetListNode { IsMap: true, Item: ParquetStructNode { Children: [var key, var item] } }:
                return Braces(value.EnumerateObject().Select(pair => $"{OfText((ParquetLeafNode)key, pair.Name)}={OfJson(item, pair.Value)}"));
            case ParquetListNode list:
                return Brackets(value.EnumerateArray().Select(item => OfJson(list.Item, item)));
            default:
                return OfText((ParquetLeafNode)node, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }
    }

    private static string Of(ParquetLeafNode leaf, object value) => (leaf.Logical.Kind, leaf.Logical.Scale, value) switch
    {
        (LogicalKind.Time, LogicalType.Nanos, long nanos) => OfDay(nanos / NanosPerMicrosecond),
        (LogicalKind.Time, _, TimeSpan time) => OfDay(time.Ticks / TicksPerMicrosecond),
        (LogicalKind.Timestamp, LogicalType.Nanos, long nanos) =>
            Whole((DateTime.UnixEpoch.Ticks / TicksPerMicrosecond) + ((nanos - Modulo(nanos, NanosPerMicrosecond)) / NanosPerMicrosecond)),
        (_, _, string text) when leaf.Logical.Kind == LogicalKind.Decimal => Digits(text),
        (_, _, string text) => $"'{text}'",
        (_, _, bool flag) => flag ? "true" : "false",
        (_, _, byte[] bytes) => Convert.ToHexString(bytes),
        (_, _, float number) => Single(number),
        (_, _, Half number) => Single((float)number),
        (_, _, double number) => Fraction(number),
        (_, _, decimal number) => Digits(number.ToString(CultureInfo.InvariantCulture)),
        (_, _, DateTime time) => Whole(time.Ticks / TicksPerMicrosecond),
        (_, _, DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (_, _, Guid id) => id.ToString(),
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    /// <summary>A value as DuckDB writes it.</summary>
    public static string OfText(ParquetLeafNode leaf, string text) => (leaf.Type, leaf.Logical.Kind) switch
    {
        (_, LogicalKind.Decimal) => Digits(text),
        (PhysicalType.Float, _) or (_, LogicalKind.Half) => Single(float.Parse(Special(text), CultureInfo.InvariantCulture)),
        (PhysicalType.Double, _) => Fraction(double.Parse(Special(text), CultureInfo.InvariantCulture)),
        (PhysicalType.Int96, _) or (_, LogicalKind.Timestamp) => Whole(Micros(text)),
        (_, LogicalKind.Time) => Time(text),
        (_, LogicalKind.Date) => text,
        (PhysicalType.Boolean, _) => text,
        (PhysicalType.Int32 or PhysicalType.Int64, _) => text,
        (_, LogicalKind.Uuid) => text,
        (_, LogicalKind.None) => Bytes(text),
        _ => $"'{text}'",
    };

    private static string Time(string text)
    {
        var zone = text.IndexOfAny(['+', '-']);
        var time = TimeSpan.ParseExact(
            (zone < 0 ? text : text[..zone]).PadRight(9, '.').PadRight(18, '0')[..16], "hh\\:mm\\:ss\\.fffffff", CultureInfo.InvariantCulture);
        return OfDay(time.Ticks / TicksPerMicrosecond);
    }

    private static long Micros(string text)
    {
        var digits = text.Length > 27 && text[19] == '.' && text.IndexOf('+') is var zone ? text[..26] + (zone > 0 ? text[zone..] : "") : text;
        return DateTimeOffset.Parse(digits, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcTicks / TicksPerMicrosecond;
    }

    // A blob as text: what can be printed as it is, the rest as \xAB.
    private static string Bytes(string text)
    {
        var bytes = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[i + 1] == 'x')
            {
                bytes.Append(text.AsSpan(i + 2, 2));
                i += 3;
            }
            else
            {
                bytes.Append(Convert.ToHexString(Encoding.UTF8.GetBytes([text[i]])));
            }
        }

        return bytes.ToString();
    }

    private static string Special(string text) => text.TrimStart('-') switch
    {
        "nan" or "NaN" => "NaN",
        "inf" or "Infinity" => text[0] == '-' ? "-Infinity" : "Infinity",
        _ => text,
    };

    private static string Digits(string text)
    {
        var digits = text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
        return digits is "-0" ? "0" : digits;
    }

    // A time of day beyond a day goes round, as DuckDB's does.
    private static string OfDay(long micros) => Whole(Modulo(micros, TimeSpan.TicksPerDay / TicksPerMicrosecond));

    private static string Single(float number) => float.IsNaN(number) ? "NaN" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Fraction(double number) => double.IsNaN(number) ? "NaN" : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Modulo(long value, long by) => ((value % by) + by) % by;

    private static string Braces(IEnumerable<string> values) => $"{{{string.Join(", ", values)}}}";

    private static string Brackets(IEnumerable<string> values) => $"[{string.Join(", ", values)}]";
}
