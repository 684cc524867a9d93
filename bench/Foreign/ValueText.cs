using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Bench.Foreign;

/// <summary>Values of both sides as text that is the same when they are. Times are compared in microseconds, which is what DuckDB keeps.</summary>
internal static class ValueText
{
    private const int TicksPerMicrosecond = 10;
    private const int NanosPerMicrosecond = 1000;

    /// <summary>A value that MicroSpark read.</summary>
    public static string Of(ParquetNode node, object? value) => (node, value) switch
    {
        (_, null) => "null",
        (ParquetStructNode group, _) => Braces(group.Children.Select(child =>
            $"{child.Name}={Of(child, value.GetType().GetField(child.Name)!.GetValue(value))}")),
        (ParquetListNode { IsMap: true, Item: ParquetStructNode { Children: [var key, var item] } }, IDictionary map) => Braces(
            map.Cast<DictionaryEntry>().Select(entry => $"{Of(key, entry.Key)}={Of(item, entry.Value)}")),
        (ParquetListNode list, IEnumerable items) => $"[{string.Join(", ", items.Cast<object?>().Select(item => Of(list.Item, item)))}]",
        (ParquetLeafNode { Logical: { Kind: LogicalKind.Time, Scale: LogicalType.Nanos } }, long nanos) => Whole(nanos / NanosPerMicrosecond),
        (ParquetLeafNode { Logical: { Kind: LogicalKind.Timestamp, Scale: LogicalType.Nanos } }, long nanos) =>
            Whole((DateTime.UnixEpoch.Ticks / TicksPerMicrosecond) + (nanos - Modulo(nanos, NanosPerMicrosecond)) / NanosPerMicrosecond),
        _ => Of(value),
    };

    /// <summary>A value that DuckDB read.</summary>
    public static string Of(object? value) => value switch
    {
        null or DBNull => "null",
        string text => $"'{text}'",
        bool flag => flag ? "true" : "false",
        byte[] bytes => Convert.ToHexString(bytes),
        Stream stream => Bytes(stream),
        float number => Fraction(number),
        Half number => Fraction((double)number),
        double number => Fraction(number),
        decimal number => number.ToString("G29", CultureInfo.InvariantCulture).Contains('E')
            ? number.ToString(CultureInfo.InvariantCulture) : (number / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        DateTime time => Whole(time.Ticks / TicksPerMicrosecond),
        DateTimeOffset time => Whole(time.UtcTicks / TicksPerMicrosecond),
        DateOnly date => $"{date:yyyy-MM-dd}",
        TimeOnly time => Whole(time.Ticks / TicksPerMicrosecond),
        TimeSpan time => Whole(time.Ticks / TicksPerMicrosecond),
        Guid id => id.ToString(),
        IDictionary map => Braces(map.Cast<DictionaryEntry>().Select(entry =>
            $"{(value is Dictionary<string, object?> ? entry.Key : Of(entry.Key))}={Of(entry.Value)}")),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Fraction(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Modulo(long value, long by) => ((value % by) + by) % by;

    private static string Braces(IEnumerable<string> values) => new StringBuilder("{").AppendJoin(", ", values).Append('}').ToString();

    private static string Bytes(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Convert.ToHexString(copy.ToArray());
    }
}
