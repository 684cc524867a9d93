using System.Globalization;
using CsvHelper;

namespace MicroSpark.Formats.Csv;

/// <summary>Writes single values so that reading them gives the same values back, whatever the writer's culture and time zone.</summary>
internal static class CsvCellWriter
{
    public static void Boolean(CsvWriter writer, bool value) => writer.WriteField(value);

    // Times in the round-trip format: the kind comes back too.
    public static void Time(CsvWriter writer, DateTime value) => writer.WriteField(value, "O");

    public static void TimeWithOffset(CsvWriter writer, DateTimeOffset value) => writer.WriteField(value, "O");

    public static void Date(CsvWriter writer, DateOnly value) => writer.WriteField(value, "O");

    public static void TimeOfDay(CsvWriter writer, TimeOnly value) => writer.WriteField<TimeOnly>(value, "O");

    public static void Value<T>(CsvWriter writer, T value)
        where T : IUtf8SpanFormattable => writer.WriteField(value, default);

    public static void Formatted<T>(CsvWriter writer, T value)
        where T : IFormattable => writer.WriteField(value.ToString(null, writer.Options.FormatProvider ?? CultureInfo.InvariantCulture));

    public static void Other<T>(CsvWriter writer, T value) => Text(writer, value?.ToString());

    /// <summary>An empty text stands in quotes, an absent one does not; see <see cref="CsvCells.TextOrNull"/>.</summary>
    public static void Text(CsvWriter writer, string? value)
    {
        if (value is { Length: 0 })
        {
            writer.WriteField(value, CsvQuoting.Always);
        }
        else
        {
            writer.WriteField(value);
        }
    }

    public static void Null(CsvWriter writer) => writer.WriteField((string?)null);

    public static void Row(CsvWriter writer, string[] fields)
    {
        foreach (var field in fields)
        {
            Text(writer, field);
        }
    }
}
