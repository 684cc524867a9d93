using System.Linq.Expressions;
using System.Reflection;
using MicroSpark.Formats.Records;
using Parquet;
using Parquet.Schema;

namespace MicroSpark.Formats.Parquet;

/// <summary>Takes one column out of elements and writes it.</summary>
internal abstract class ParquetColumnWriter<T>(DataField column)
{
    public DataField Field { get; } = column;

    public abstract Task WriteAsync(
        ParquetRowGroupWriter group, DataField attached, ReadOnlyMemory<T> rows, CancellationToken cancellation);

    /// <summary>One writer for each member of the element type. They hold no rows, so all tasks of a type may share them.</summary>
    /// <exception cref="ArgumentException">A member cannot be a column.</exception>
    public static ParquetColumnWriter<T>[] Create() =>
        [.. RecordShape.Of(typeof(T), "SaveAsParquetFileAsync").Members.Where(static m => m.IsWritten).Select(OfMember)];

    private static ParquetColumnWriter<T> OfMember(RecordMember member)
    {
        if (!ParquetTypes.IsColumn(member.ValueType))
        {
            throw new ArgumentException(
                $"SaveAsParquetFileAsync cannot write the member '{member.Name}' of '{typeof(T)}', a '{member.Type}'. "
                + $"{ParquetTypes.WhatWorks}");
        }

        var element = Expression.Parameter(typeof(T), "element");
        var value = RecordShape.Get(element, member);
        if (member.Type != member.ValueType)
        {
            var inner = Stored(Expression.Property(value, "Value"));
            var stored = inner.Type.IsValueType ? typeof(Nullable<>).MakeGenericType(inner.Type) : inner.Type;
            value = Expression.Condition(
                Expression.Property(value, "HasValue"), Expression.Convert(inner, stored), Expression.Default(stored));
        }
        else
        {
            value = Stored(value);
        }

        var get = Expression.Lambda(typeof(Func<,>).MakeGenericType(typeof(T), value.Type), value, element).Compile();
        if (get is Func<T, string?> text)
        {
            return new TextColumn<T>(new DataField(member.Name, typeof(string), isNullable: member.AllowsNull != false), text);
        }

        if (get is Func<T, byte[]?> blob)
        {
            return new BlobColumn<T>(new DataField(member.Name, typeof(byte[]), isNullable: member.AllowsNull != false), blob);
        }

        var underlying = Nullable.GetUnderlyingType(value.Type);
        var column = (underlying is null ? typeof(ValueColumn<,>) : typeof(NullableColumn<,>)).MakeGenericType(
            typeof(T), underlying ?? value.Type);
        var data = (underlying ?? value.Type) == typeof(decimal)
            ? new DecimalDataField(member.Name, 38, 18, isNullable: underlying is not null)
            : new DataField(member.Name, underlying ?? value.Type, isNullable: underlying is not null);
        return (ParquetColumnWriter<T>)Activator.CreateInstance(
            column, BindingFlags.Instance | BindingFlags.Public, null, [data, get], null)!;
    }

    // What Parquet has no type for is stored as the closest that it has.
    private static Expression Stored(Expression value) => value.Type switch
    {
        { IsEnum: true } or _ when value.Type.IsEnum || value.Type == typeof(char) => Expression.Call(value, nameof(ToString), null),
        _ when value.Type == typeof(DateTimeOffset) => Expression.Property(value, nameof(DateTimeOffset.UtcDateTime)),
        _ when value.Type == typeof(TimeSpan) => Expression.Property(value, nameof(TimeSpan.Ticks)),
        _ when value.Type == typeof(TimeOnly) => Expression.Property(value, nameof(TimeOnly.Ticks)),
        _ => value,
    };
}

internal sealed class ValueColumn<T, V>(DataField field, Func<T, V> get) : ParquetColumnWriter<T>(field)
    where V : struct
{
    public override Task WriteAsync(
        ParquetRowGroupWriter group, DataField attached, ReadOnlyMemory<T> rows, CancellationToken cancellation) =>
        group.WriteAsync<V>(attached, Columns.Take(rows.Span, get), cancellationToken: cancellation);
}

internal sealed class NullableColumn<T, V>(DataField field, Func<T, V?> get) : ParquetColumnWriter<T>(field)
    where V : struct
{
    public override Task WriteAsync(
        ParquetRowGroupWriter group, DataField attached, ReadOnlyMemory<T> rows, CancellationToken cancellation) =>
        group.WriteAsync<V>(attached, Columns.Take(rows.Span, get), cancellationToken: cancellation);
}

internal sealed class TextColumn<T>(DataField field, Func<T, string?> get) : ParquetColumnWriter<T>(field)
{
    public override Task WriteAsync(
        ParquetRowGroupWriter group, DataField attached, ReadOnlyMemory<T> rows, CancellationToken cancellation) =>
        group.WriteAsync(attached, Columns.Take(rows.Span, get));
}

internal sealed class BlobColumn<T>(DataField field, Func<T, byte[]?> get) : ParquetColumnWriter<T>(field)
{
    public override Task WriteAsync(
        ParquetRowGroupWriter group, DataField attached, ReadOnlyMemory<T> rows, CancellationToken cancellation) =>
        group.WriteAsync(attached, Columns.Take(rows.Span, get));
}

internal static class Columns
{
    public static V[] Take<T, V>(ReadOnlySpan<T> rows, Func<T, V> get)
    {
        var values = new V[rows.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = get(rows[i]);
        }

        return values;
    }
}
