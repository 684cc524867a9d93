using System.Globalization;
using System.Numerics;
using System.Text;
using CsvHelper;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// The current row of a file, as an element's members ask for their values. A field that does not fit is noted, not thrown: with bad rows
/// skipped, an exception per row would cost more than reading a hundred good ones.
/// </summary>
internal sealed class CsvCells(CsvReader reader, CultureInfo culture, IReadOnlyList<RecordMember> members, int[] columns)
{
    /// <summary>A double's exact digits are no more than 767.</summary>
    private const int LongestNumber = 1024;

    /// <summary>The first member of the current row whose field does not fit; null when all do.</summary>
    public RecordMember? Failed { get; private set; }

    public CsvReader Reader => reader;

    /// <summary>The column of a member in this file.</summary>
    public int ColumnOf(RecordMember member) => columns[member.Ordinal];

    public void Begin() => Failed = null;

    /// <summary>What the failed member's field holds; null for nothing, or a text that stands for it.</summary>
    public string? FoundText => reader.IsNull(columns[Failed!.Ordinal]) ? null : reader.GetString(columns[Failed.Ordinal]);

    public string[] All()
    {
        var fields = new string[reader.FieldCount];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = reader.GetString(i);
        }

        return fields;
    }

    public bool Has(int ordinal) => columns[ordinal] >= 0;

    public bool IsNull(int ordinal) => reader.IsNull(columns[ordinal]);

    public T Parse<T>(int ordinal)
        where T : ISpanParsable<T> =>
        reader.TryParse(columns[ordinal], out T value) ? value : Fail<T>(ordinal);

    public T Number<T>(int ordinal)
        where T : INumberBase<T>
    {
        Span<char> text = stackalloc char[LongestNumber];
        return TryChars(ordinal, ref text) && CsvNumbers.TryParse<T>(text, culture, out var value) ? value : Fail<T>(ordinal);
    }

    public string Text(int ordinal) => reader.GetStringOrNull(columns[ordinal]) ?? Fail<string>(ordinal);

    /// <summary>An empty field is null, unless it stands in quotes: that is how saving tells the two apart.</summary>
    public string? TextOrNull(int ordinal) =>
        reader.GetRawSpan(columns[ordinal]).IsEmpty ? null : reader.GetStringOrNull(columns[ordinal]);

    /// <summary>For members that do not say whether they may be null.</summary>
    public string? TextOrNullText(int ordinal) => reader.GetStringOrNull(columns[ordinal]);

    public T Enumeration<T>(int ordinal)
        where T : struct, Enum =>
        Enum.TryParse(reader.GetString(columns[ordinal]), ignoreCase: true, out T value) ? value : Fail<T>(ordinal);

    // A time with an offset becomes UTC: the kind Local would give another value on a worker in another time zone.
    public DateTime Time(int ordinal)
    {
        Span<char> text = stackalloc char[64];
        return TryChars(ordinal, ref text)
            && DateTime.TryParse(text, culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces, out var value)
            ? value
            : Fail<DateTime>(ordinal);
    }

    public DateTimeOffset TimeWithOffset(int ordinal)
    {
        Span<char> text = stackalloc char[64];
        return TryChars(ordinal, ref text)
            && DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var value)
            ? value
            : Fail<DateTimeOffset>(ordinal);
    }

    private bool TryChars(int ordinal, ref Span<char> text)
    {
        var utf8 = reader.GetSpan(columns[ordinal]);
        if (utf8.Length > text.Length)
        {
            return false;
        }

        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        return true;
    }

    private T Fail<T>(int ordinal)
    {
        Failed ??= members.First(m => m.Ordinal == ordinal);
        return default!;
    }
}
