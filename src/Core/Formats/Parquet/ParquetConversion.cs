using System.Linq.Expressions;
using System.Text;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet;

/// <summary>
/// Converts a column's value to the type of a member: the same type, a wider one, or another form of the same value; never a loss.
/// </summary>
internal sealed class ParquetConversion(Expression cells, Expression place, Expression row, string file, RecordMember member)
{
    /// <exception cref="InvalidDataException">The column holds something else.</exception>
    public Expression To(Expression value, Type type)
    {
        var from = Nullable.GetUnderlyingType(value.Type);
        var to = Nullable.GetUnderlyingType(type);
        if (from is not null)
        {
            var present = Convert(Expression.Property(value, "Value"), to ?? type);
            return Expression.Condition(
                Expression.Property(value, "HasValue"), to is null ? present : Expression.Convert(present, type),
                to is null ? Null(type) : Expression.Default(type));
        }

        if (!value.Type.IsValueType)
        {
            var present = Convert(value, to ?? type);
            var absent = to is not null || (!type.IsValueType && member.AllowsNull != false) ? Expression.Default(type) : Null(type);
            return Expression.Condition(
                Expression.ReferenceEqual(value, Expression.Constant(null)), absent, to is null ? present : Expression.Convert(
                    present, type));
        }

        return to is null ? Convert(value, type) : Expression.Convert(Convert(value, to), type);
    }

    private Expression Null(Type type) => Expression.Call(cells, nameof(ParquetCells.Null), [type], place, row);

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
            _ when from == typeof(byte[]) && type == typeof(string) =>
                Call<byte[], string>(static bytes => Encoding.UTF8.GetString(bytes), value),
            _ when from == typeof(string) && type == typeof(char) =>
                Call<string, char>(static text =>
                    text.Length == 1 ? text[0] : throw new InvalidDataException($"Expected one character, found '{text}'."), value),
            _ when from == typeof(DateTime) && type == typeof(DateOnly) =>
                Call<DateTime, DateOnly>(static time => DateOnly.FromDateTime(time), value),
            _ when from == typeof(DateOnly) && type == typeof(DateTime) =>
                Call<DateOnly, DateTime>(static date => date.ToDateTime(TimeOnly.MinValue), value),
            _ when from == typeof(DateTime) && type == typeof(DateTimeOffset) =>
                Call<DateTime, DateTimeOffset>(static time => new DateTimeOffset(time.Ticks, TimeSpan.Zero), value),
            _ when from == typeof(long) && type == typeof(TimeSpan) => Call<long, TimeSpan>(static ticks => new TimeSpan(ticks), value),
            _ when from == typeof(TimeSpan) && type == typeof(TimeOnly) =>
                Call<TimeSpan, TimeOnly>(static time => TimeOnly.FromTimeSpan(time), value),
            _ when from == typeof(long) && type == typeof(TimeOnly) => Call<long, TimeOnly>(static ticks => new TimeOnly(ticks), value),
            _ => throw Wrong(from, type),
        };
    }

    private static MethodCallExpression Call<TFrom, TTo>(Func<TFrom, TTo> convert, Expression value) =>
        Expression.Call(Expression.Constant(convert.Target), convert.Method, value);

    private InvalidDataException Wrong(Type from, Type type) => new(
        $"'{file}', column '{member.Name}': expected {type.Name}, found {from.Name}. Change the member's type, and Map to the type that "
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
