using System.Linq.Expressions;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>
/// Converts a column's stored value to the type of a member: the type that the column stands for, a wider one, or another form of the same
/// value; never a loss. What a single value cannot become is an error of its row.
/// </summary>
internal sealed class ParquetConversion(ParquetLeafNode leaf, string file, Expression cells, Expression place, Expression row)
{
    /// <exception cref="InvalidDataException">The column holds something else.</exception>
    public Expression To(Expression stored, Type type) => Convert(Natural(stored, type), type);

    // What the stored value stands for.
    private Expression Natural(Expression value, Type wanted) => (leaf.Type, leaf.Logical.Kind, leaf.Logical.Scale) switch
    {
        (PhysicalType.Int32 or PhysicalType.Int64, LogicalKind.None or LogicalKind.Enum, _) => value,
        (PhysicalType.Int32 or PhysicalType.Int64, LogicalKind.Integer, var bits) => Integer(value, bits, leaf.Logical.Flag),
        (PhysicalType.Int32 or PhysicalType.Int64, LogicalKind.Decimal, >= 0 and var scale) =>
            Call(nameof(ParquetValues.Decimal), Expression.Convert(value, typeof(long)), Expression.Constant(scale)),
        (PhysicalType.Int32, LogicalKind.Date, _) => Call(nameof(ParquetValues.Date), value),
        (PhysicalType.Int64, LogicalKind.Time or LogicalKind.Timestamp, > 0) when wanted == typeof(long) => value,
        (PhysicalType.Int32 or PhysicalType.Int64, LogicalKind.Time, > 0) => Expression.New(
            typeof(TimeSpan).GetConstructor([typeof(long)])!, Ticks(value)),
        (PhysicalType.Int64, LogicalKind.Timestamp, > 0) => Call(
            nameof(ParquetValues.Timestamp), Ticks(value),
            Expression.Constant(leaf.Logical.Flag ? DateTimeKind.Utc : DateTimeKind.Unspecified)),
        (PhysicalType.Int96, _, _) => Call(nameof(ParquetValues.Timestamp96), value),
        (PhysicalType.Boolean or PhysicalType.Float or PhysicalType.Double or PhysicalType.Bytes or PhysicalType.FixedBytes, _, _) => value,
        _ => throw ParquetErrors.Unsupported(file, $"a value of the kind {leaf.Logical.Kind} in {leaf.Type}", leaf.Path),
    };

    private Expression Integer(Expression value, int bits, bool signed) => (bits, signed, value.Type == typeof(int)) switch
    {
        (8, true, _) => Call(nameof(ParquetValues.Signed8), Expression.Convert(value, typeof(long))),
        (8, false, _) => Call(nameof(ParquetValues.Unsigned8), Expression.Convert(value, typeof(long))),
        (16, true, _) => Call(nameof(ParquetValues.Signed16), Expression.Convert(value, typeof(long))),
        (16, false, _) => Call(nameof(ParquetValues.Unsigned16), Expression.Convert(value, typeof(long))),
        (32, true, true) or (64, true, _) => value,
        (32, false, true) => Expression.Convert(value, typeof(uint)),
        (64, false, false) => Expression.Convert(value, typeof(ulong)),
        _ => throw ParquetErrors.Unsupported(file, $"a whole number of {bits} bits in {leaf.Type}", leaf.Path),
    };

    private MethodCallExpression Ticks(Expression value) =>
        Call(nameof(ParquetValues.Ticks), Expression.Convert(value, typeof(long)), Expression.Constant(leaf.Logical.Scale));

    private Expression Convert(Expression value, Type type)
    {
        var from = value.Type;
        if (from == type)
        {
            return value;
        }

        if (type.IsEnum)
        {
            return from == typeof(string) ? Expression.Call(cells, nameof(ParquetCells.Parse), [type], value, place, row)
                : IsInteger(from) ? Expression.ConvertChecked(value, type)
                : throw Wrong(from, type);
        }

        return (from, type) switch
        {
            _ when IsWider(from, type) => Expression.Convert(value, type),
            _ when from == typeof(Half) && (type == typeof(float) || type == typeof(double)) => Expression.Convert(value, type),
            _ when from == typeof(string) && type == typeof(char) => Call(nameof(ParquetValues.Character), value),
            _ when from == typeof(DateTime) && type == typeof(DateOnly) => Call(nameof(ParquetValues.Midnight), value),
            _ when from == typeof(DateTime) && type == typeof(DateTimeOffset) => Call(nameof(ParquetValues.Offset), value),
            _ when from == typeof(DateOnly) && type == typeof(DateTime) =>
                Expression.Call(value, nameof(DateOnly.ToDateTime), null, Expression.Constant(TimeOnly.MinValue)),
            _ when from == typeof(TimeSpan) && type == typeof(TimeOnly) =>
                Call(nameof(ParquetValues.OfDay), Expression.Property(value, nameof(TimeSpan.Ticks))),

            // Columns that say nothing of time hold ticks, as SaveAsParquetFileAsync writes them.
            _ when from == typeof(long) && type == typeof(TimeOnly) => Call(nameof(ParquetValues.OfDay), value),
            _ when from == typeof(long) && type == typeof(TimeSpan) =>
                Expression.New(typeof(TimeSpan).GetConstructor([typeof(long)])!, value),
            _ => throw Wrong(from, type),
        };
    }

    private MethodCallExpression Call(string method, params Expression[] arguments) =>
        Expression.Call(typeof(ParquetValues), method, null, [.. arguments, cells, place, row]);

    private InvalidDataException Wrong(Type from, Type type) => new(
        $"'{file}', column '{leaf.Path}': expected {type.Name}, found {from.Name}. Change the member's type, and Map to the type that "
        + $"you want.");

    private static bool IsInteger(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    // The implicit conversions of C#, without those to float and double that round.
    private static bool IsWider(Type from, Type to)
    {
        if (from.IsEnum || to.IsEnum)
        {
            return false;
        }

        TypeCode[] wider = Type.GetTypeCode(from) switch
        {
            TypeCode.SByte => [TypeCode.Int16, TypeCode.Int32, TypeCode.Int64, TypeCode.Single, TypeCode.Double, TypeCode.Decimal],
            TypeCode.Byte =>
                [TypeCode.Int16, TypeCode.UInt16, TypeCode.Int32, TypeCode.UInt32, TypeCode.Int64, TypeCode.UInt64, TypeCode.Single,
                    TypeCode.Double, TypeCode.Decimal],
            TypeCode.Int16 => [TypeCode.Int32, TypeCode.Int64, TypeCode.Single, TypeCode.Double, TypeCode.Decimal],
            TypeCode.UInt16 =>
                [TypeCode.Int32, TypeCode.UInt32, TypeCode.Int64, TypeCode.UInt64, TypeCode.Single, TypeCode.Double, TypeCode.Decimal],
            TypeCode.Int32 => [TypeCode.Int64, TypeCode.Double, TypeCode.Decimal],
            TypeCode.UInt32 => [TypeCode.Int64, TypeCode.UInt64, TypeCode.Double, TypeCode.Decimal],
            TypeCode.Int64 or TypeCode.UInt64 => [TypeCode.Decimal],
            TypeCode.Single => [TypeCode.Double],
            _ => [],
        };
        return wider.Contains(Type.GetTypeCode(to));
    }
}
