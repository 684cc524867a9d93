using System.Linq.Expressions;
using System.Reflection;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// Makes elements from rows: one compiled method per element type, without boxing. It belongs to the type, and goes with it when the
/// type's assembly is unloaded.
/// </summary>
internal static class CsvBinder<T>
{
    private static CsvBinding<T>? s_binding;

    /// <exception cref="ArgumentException">The type cannot be read from a CSV file; the message names the member.</exception>
    public static CsvBinding<T> Binding => s_binding ??= Bind();

    private static CsvBinding<T> Bind()
    {
        var cells = Expression.Parameter(typeof(CsvCells), "cells");
        if (typeof(T) == typeof(string[]))
        {
            return new(
                Expression.Lambda<Func<CsvCells, T>>(Expression.Call(cells, nameof(CsvCells.All), null), cells).Compile(), [], false, true);
        }

        var shape = RecordShape.Of(typeof(T), "CsvFile");
        var make = Expression.Lambda<Func<CsvCells, T>>(shape.New(member => Value(cells, member)), cells).Compile();
        RecordMember[] members = [.. shape.Members.Where(static m => m.IsRead)];
        return new(make, members, shape.IsTuple, false) { HasNullLines = members is [{ AllowsNull: true }] };
    }

    private static Expression? Value(Expression cells, RecordMember member)
    {
        if (!member.IsRead)
        {
            return null;
        }

        var ordinal = Expression.Constant(member.Ordinal);
        var type = member.ValueType;
        var value = type == typeof(string) ? Expression.Call(cells, TextMethod(member), null, ordinal)
            : type == typeof(DateTime) ? Expression.Call(cells, nameof(CsvCells.Time), null, ordinal)
            : type == typeof(DateTimeOffset) ? Expression.Call(cells, nameof(CsvCells.TimeWithOffset), null, ordinal)
            : type.IsEnum ? Expression.Call(cells, nameof(CsvCells.Enumeration), [type], ordinal)
            : CsvNumbers.HasGroups(type) ? Expression.Call(cells, nameof(CsvCells.Number), [type], ordinal)
            : CsvTypes.IsParsable(type) ? Expression.Call(cells, nameof(CsvCells.Parse), [type], ordinal)
            : throw new ArgumentException(
                $"CsvFile cannot read the member '{member.Name}' of '{typeof(T)}': a field cannot become a '{type}'. A member is a "
                + $"string, a number, bool, "
                + "char, date, time, Guid, an enum, their nullable forms, or a type that implements ISpanParsable.");
        var nullable = !member.Type.IsValueType || member.Type == type ? (Expression)value : Expression.Condition(
            Expression.Call(cells, nameof(CsvCells.IsNull), null, ordinal), Expression.Default(member.Type),
            Expression.Convert(value, member.Type));

        // Whether a file has the column of a parameter with a default value is for the file to say.
        return !member.IsOptional
            ? nullable
            : Expression.Condition(Expression.Call(cells, nameof(CsvCells.Has), null, ordinal), nullable, member.DefaultValue);
    }

    private static string TextMethod(RecordMember member) => member.AllowsNull switch
    {
        true => nameof(CsvCells.TextOrNull),
        false => nameof(CsvCells.Text),
        null => nameof(CsvCells.TextOrNullText),
    };
}

/// <summary>How elements are made from rows.</summary>
/// <param name="Members">What is read.</param>
/// <param name="ByPosition">Whether the header's names say nothing about the members.</param>
/// <param name="WholeRow">Whether an element is a row as it is: all fields as texts.</param>
internal sealed record CsvBinding<T>(Func<CsvCells, T> Make, RecordMember[] Members, bool ByPosition, bool WholeRow)
{
    /// <summary>Whether a blank line of a file with one column is a row, whose value is null. Elsewhere it is no row.</summary>
    public bool HasNullLines { get; init; }
}
