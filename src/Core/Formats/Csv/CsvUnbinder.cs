using System.Linq.Expressions;
using CsvHelper;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// Takes elements apart into fields: one compiled method per element type. It goes with the type when its assembly is unloaded.
/// </summary>
internal static class CsvUnbinder<T>
{
    private static CsvUnbinding<T>? s_unbinding;

    /// <exception cref="ArgumentException">The type cannot be saved as CSV; the message names the member.</exception>
    public static CsvUnbinding<T> Unbinding => s_unbinding ??= Unbind();

    private static CsvUnbinding<T> Unbind()
    {
        var writer = Expression.Parameter(typeof(CsvWriter), "writer");
        var element = Expression.Parameter(typeof(T), "element");
        if (typeof(T) == typeof(string[]))
        {
            var row = Expression.Call(typeof(CsvCellWriter), nameof(CsvCellWriter.Row), null, writer, element);
            return new(Expression.Lambda<Action<CsvWriter, T>>(row, writer, element).Compile(), null, null);
        }

        var members = RecordShape.Of(typeof(T), "SaveAsCsvFileAsync").Members.Where(static m => m.IsWritten).ToArray();
        var fields = Array.ConvertAll(members, member => Write(writer, RecordShape.Get(element, member), member));
        var isNull = members is [{ AllowsNull: true } only]
            ? Expression.Lambda<Func<T, bool>>(
                Expression.Equal(RecordShape.Get(element, only), Expression.Constant(null, only.Type)), element).Compile()
            : null;
        return new(
            Expression.Lambda<Action<CsvWriter, T>>(Expression.Block(fields), writer, element).Compile(), isNull,
            Array.ConvertAll(members, static m => m.Name));
    }

    private static Expression Write(Expression writer, Expression value, RecordMember member)
    {
        if (member.Type.IsValueType && member.Type != member.ValueType)
        {
            return Expression.IfThenElse(
                Expression.Property(value, "HasValue"),
                Write(writer, Expression.Property(value, "Value"), member with { Type = member.ValueType }),
                Expression.Call(typeof(CsvCellWriter), nameof(CsvCellWriter.Null), null, writer));
        }

        var type = member.Type;
        var (method, isGeneric) =
            type == typeof(string) ? (nameof(CsvCellWriter.Text), false)
            : type == typeof(bool) ? (nameof(CsvCellWriter.Boolean), false)
            : type == typeof(DateTime) ? (nameof(CsvCellWriter.Time), false)
            : type == typeof(DateTimeOffset) ? (nameof(CsvCellWriter.TimeWithOffset), false)
            : type == typeof(DateOnly) ? (nameof(CsvCellWriter.Date), false)
            : type == typeof(TimeOnly) ? (nameof(CsvCellWriter.TimeOfDay), false)
            : type.IsEnum || !CsvTypes.IsParsable(type) ? (nameof(CsvCellWriter.Other), true)
            : !type.IsValueType ? (nameof(CsvCellWriter.Other), true)
            : type.IsAssignableTo(typeof(IUtf8SpanFormattable)) ? (nameof(CsvCellWriter.Value), true)
            : type.IsAssignableTo(typeof(IFormattable)) ? (nameof(CsvCellWriter.Formatted), true)
            : (nameof(CsvCellWriter.Other), true);
        return CsvTypes.IsField(type)
            ? Expression.Call(typeof(CsvCellWriter), method, isGeneric ? [type] : null, writer, value)
            : throw new ArgumentException(
                $"SaveAsCsvFileAsync cannot write the member '{member.Name}' of '{typeof(T)}': a '{type}' is no single field. Map to a "
                + $"flat record first, or leave the member out with [JsonIgnore].");
    }
}

/// <summary>How elements become rows.</summary>
/// <param name="Write">Writes an element's fields.</param>
/// <param name="IsNull">
/// Of elements with one value that may be null: whether it is. Such a row is a blank line, as a row of one empty field is. Null for others.
/// </param>
/// <param name="Header">The names of the columns; null when there are none.</param>
internal sealed record CsvUnbinding<T>(Action<CsvWriter, T> Write, Func<T, bool>? IsNull, string[]? Header);
