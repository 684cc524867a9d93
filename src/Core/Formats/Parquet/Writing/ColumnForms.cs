using System.Linq.Expressions;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>How the values of a type are stored: the column's type, and what a value becomes. What Parquet has no type for is stored as the
/// closest that it has.</summary>
internal sealed record ColumnForm(PhysicalType Type, LogicalType Logical, int Length, Type Stored, Func<Expression, Expression> Store)
{
    /// <summary>Digits of a decimal column: what 16 bytes hold.</summary>
    public const int Precision = 38;

    private const int Scale = 18;
    private const int DecimalBytes = 16;
    private const int GuidBytes = 16;
    private const int HalfBytes = 2;

    public static ColumnForm Of(Type type) => type switch
    {
        _ when type.IsEnum || type == typeof(char) => new(
            PhysicalType.Bytes, new(LogicalKind.Text), 0, typeof(string), static value => Expression.Call(value, nameof(ToString), null)),
        _ when type == typeof(string) => Same(PhysicalType.Bytes, new(LogicalKind.Text), type),
        _ when type == typeof(byte[]) => Same(PhysicalType.Bytes, default, type),
        _ when type == typeof(bool) => Same(PhysicalType.Boolean, default, type),
        _ when type == typeof(int) => Same(PhysicalType.Int32, default, type),
        _ when type == typeof(long) => Same(PhysicalType.Int64, default, type),
        _ when type == typeof(float) => Same(PhysicalType.Float, default, type),
        _ when type == typeof(double) => Same(PhysicalType.Double, default, type),
        _ when type == typeof(sbyte) => Integer(8, true),
        _ when type == typeof(byte) => Integer(8, false),
        _ when type == typeof(short) => Integer(16, true),
        _ when type == typeof(ushort) => Integer(16, false),
        _ when type == typeof(uint) => Integer(32, false),
        _ when type == typeof(ulong) => new(
            PhysicalType.Int64, new(LogicalKind.Integer, 64), 0, typeof(long), static value => Expression.Convert(value, typeof(long))),
        _ when type == typeof(DateOnly) => By(
            PhysicalType.Int32, new(LogicalKind.Date), 0, static (DateOnly value) => StoredValues.Date(value)),
        _ when type == typeof(TimeOnly) => By(
            PhysicalType.Int64, new(LogicalKind.Time, LogicalType.Nanos), 0, static (TimeOnly value) => StoredValues.Nanos(value)),
        _ when type == typeof(TimeSpan) => By(PhysicalType.Int64, default, 0, static (TimeSpan value) => value.Ticks),
        _ when type == typeof(DateTime) => By(
            PhysicalType.Int96, default, 0, static (DateTime value) => StoredValues.Timestamp(value.Ticks)),
        _ when type == typeof(DateTimeOffset) => By(
            PhysicalType.Int96, default, 0, static (DateTimeOffset value) => StoredValues.Timestamp(value.UtcTicks)),
        _ when type == typeof(Guid) => By(
            PhysicalType.FixedBytes, new(LogicalKind.Uuid), GuidBytes, static (Guid value) => value.ToByteArray(true)),
        _ when type == typeof(Half) => By(
            PhysicalType.FixedBytes, new(LogicalKind.Half), HalfBytes, static (Half value) => BitConverter.GetBytes(value)),
        _ => By(
            PhysicalType.FixedBytes, new(LogicalKind.Decimal, Scale), DecimalBytes,
            static (decimal value) => StoredValues.Decimal(value, Scale)),
    };

    public WrittenColumn Create(SchemaElement[] path, int def, int rep) => Stored switch
    {
        _ when Stored == typeof(string) => new WrittenTexts(path, def, rep),
        _ when Stored == typeof(byte[]) => new WrittenBytes(path, def, rep),
        _ when Stored == typeof(bool) => new WrittenBooleans(path, def, rep),
        _ when Stored == typeof(int) => new WrittenNumbers<int>(path, def, rep),
        _ when Stored == typeof(long) => new WrittenNumbers<long>(path, def, rep),
        _ when Stored == typeof(float) => new WrittenNumbers<float>(path, def, rep),
        _ when Stored == typeof(double) => new WrittenNumbers<double>(path, def, rep),
        _ => new WrittenNumbers<Int96>(path, def, rep),
    };

    private static ColumnForm Same(PhysicalType physical, LogicalType logical, Type type) =>
        new(physical, logical, 0, type, static value => value);

    private static ColumnForm Integer(int bits, bool signed) => new(
        PhysicalType.Int32, new(LogicalKind.Integer, bits, signed), 0, typeof(int), static value => Expression.Convert(value, typeof(int)));

    private static ColumnForm By<TValue, TStored>(
        PhysicalType physical, LogicalType logical, int length, Expression<Func<TValue, TStored>> store) =>
        new(physical, logical, length, typeof(TStored), value => new Inline(store.Parameters[0], value).Visit(store.Body));

    private sealed class Inline(ParameterExpression parameter, Expression value) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? value : node;
    }
}

/// <summary>Values as they are stored. None loses anything; what would is refused.</summary>
internal static class StoredValues
{
    private const int EpochDay = 719_162;
    private const int FirstJulianDay = 1_721_426;
    private const int NanosPerTick = 100;

    public static int Date(DateOnly date) => date.DayNumber - EpochDay;

    public static long Nanos(TimeOnly time) => time.Ticks * NanosPerTick;

    // The one timestamp of the format that has all ticks of all years. Its kind is not stored.
    public static Int96 Timestamp(long ticks)
    {
        var (days, rest) = Math.DivRem(ticks, TimeSpan.TicksPerDay);
        return new Int96(rest * NanosPerTick, FirstJulianDay + (int)days);
    }

    /// <exception cref="ArgumentException">The column has fewer digits than the number.</exception>
    public static byte[] Decimal(decimal value, int scale)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var size = (new Int128(0, (uint)parts[2]) << 64) | new Int128(0, ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        var places = (int)value.Scale;
        for (; places > scale && size % 10 == 0; places--)
        {
            size /= 10;
        }

        var limit = Int128.Parse("99999999999999999999999999999999999999", System.Globalization.CultureInfo.InvariantCulture);
        for (; places < scale && size <= limit / 10; places++)
        {
            size *= 10;
        }

        if (places != scale || size > limit)
        {
            throw new ArgumentException(
                $"SaveAsParquetFileAsync cannot store the decimal {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}: a "
                + $"column has {scale} digits behind the point and {ColumnForm.Precision - scale} before it. Round it, or map it "
                + "to a double or a string.");
        }

        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(bytes, decimal.IsNegative(value) ? -size : size);
        return bytes;
    }
}
