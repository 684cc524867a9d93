using System.Data.Common;
using System.Globalization;
using System.Linq.Expressions;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Tables;

/// <summary>Makes elements from a query's rows: one compiled method per element type, which asks the provider for typed values.</summary>
internal static class TableBinder<T>
{
    private static (Func<TableRow, T> Make, RecordMember[] Members, bool ByPosition)? s_binding;

    /// <exception cref="ArgumentException">The type is no record of named values.</exception>
    public static (Func<TableRow, T> Make, RecordMember[] Members, bool ByPosition) Binding => s_binding ??= Bind();

    private static (Func<TableRow, T> Make, RecordMember[] Members, bool ByPosition) Bind()
    {
        var shape = RecordShape.Of(typeof(T), "SqlQuery");
        var row = Expression.Parameter(typeof(TableRow), "row");
        var make = Expression.Lambda<Func<TableRow, T>>(shape.New(member => Value(row, member)), row).Compile();
        return (make, [.. shape.Members.Where(static m => m.IsRead)], shape.IsTuple);
    }

    private static Expression? Value(Expression row, RecordMember member)
    {
        if (!member.IsRead)
        {
            return null;
        }

        var ordinal = Expression.Constant(member.Ordinal);
        var type = member.ValueType;
        var value = Expression.Convert(
            Expression.Call(row, type.IsEnum ? nameof(TableRow.Enumeration) : nameof(TableRow.Value), [type], ordinal), member.Type);
        var absent = !member.Type.IsValueType && member.AllowsNull != false || member.Type != type
            ? Expression.Default(member.Type)
            : (Expression)Expression.Call(row, nameof(TableRow.Null), [member.Type], ordinal);
        var present = Expression.Condition(Expression.Call(row, nameof(TableRow.IsNull), null, ordinal), absent, value);
        return !member.IsOptional
            ? present
            : Expression.Condition(Expression.Call(row, nameof(TableRow.Has), null, ordinal), present, member.DefaultValue);
    }
}

/// <summary>The current row of a query, as an element's members ask for their values.</summary>
internal sealed class TableRow(DbDataReader reader, IReadOnlyList<RecordMember> members, int[] columns)
{
    private static readonly Type[] s_fractions = [typeof(double), typeof(float)];

    /// <summary>Rows before the current one.</summary>
    public long Number { get; set; }

    public bool Has(int ordinal) => columns[ordinal] >= 0;

    public bool IsNull(int ordinal) => reader.IsDBNull(columns[ordinal]);

    public TValue Value<TValue>(int ordinal)
    {
        var column = columns[ordinal];
        try
        {
            // Some providers (SQLite) make 0 of a text that is no number, and cut what stands behind a point.
            return !typeof(TValue).IsPrimitive ? reader.GetFieldValue<TValue>(column)
                : reader.GetFieldType(column) is var stored && stored == typeof(string)
                    ? (TValue)Convert.ChangeType(reader.GetString(column), typeof(TValue), CultureInfo.InvariantCulture)
                : stored == typeof(double) && Array.IndexOf(s_fractions, typeof(TValue)) < 0 ? throw Misfit(ordinal, Found(ordinal), null)
                : reader.GetFieldValue<TValue>(column);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException)
        {
            throw Misfit(ordinal, Found(ordinal), e);
        }
    }

    /// <summary>By name or by number, whichever the column holds.</summary>
    public TValue Enumeration<TValue>(int ordinal)
        where TValue : struct, Enum
    {
        if (reader.GetFieldType(columns[ordinal]) != typeof(string))
        {
            return (TValue)Enum.ToObject(typeof(TValue), Value<long>(ordinal));
        }

        return Enum.TryParse(reader.GetString(columns[ordinal]), ignoreCase: true, out TValue value)
            ? value
            : throw Misfit(ordinal, Found(ordinal), null);
    }

    public TValue Null<TValue>(int ordinal) => throw Misfit(ordinal, "null. Declare the member with a '?' so that it may be null", null);

    private string Found(int ordinal) => $"'{reader.GetValue(columns[ordinal])}' ({reader.GetDataTypeName(columns[ordinal])})";

    private InvalidDataException Misfit(int ordinal, string found, Exception? inner)
    {
        var member = members.First(m => m.Ordinal == ordinal);
        return new InvalidDataException(
            $"The query's row {Number} in this partition, column '{member.Name}': expected {member.ValueType.Name}, found {found}.", inner);
    }
}
