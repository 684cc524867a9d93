using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>Single values in another form. The last three arguments of each say where the value is, for an error.</summary>
internal static class ParquetValues
{
    private const int EpochDay = 719_162;
    private const int EpochJulianDay = 2_440_588;
    private const int NanosPerTick = 100;
    private const string AsNumber = "read the column as a long, which is the stored number";

    public static sbyte Signed8(long value, ParquetCells cells, int column, int row) =>
        value == (sbyte)value ? (sbyte)value : cells.Misfit<sbyte>(value, column, row);

    public static byte Unsigned8(long value, ParquetCells cells, int column, int row) =>
        value == (byte)value ? (byte)value : cells.Misfit<byte>(value, column, row);

    public static short Signed16(long value, ParquetCells cells, int column, int row) =>
        value == (short)value ? (short)value : cells.Misfit<short>(value, column, row);

    public static ushort Unsigned16(long value, ParquetCells cells, int column, int row) =>
        value == (ushort)value ? (ushort)value : cells.Misfit<ushort>(value, column, row);

    public static decimal Decimal(long value, int scale, ParquetCells cells, int column, int row)
    {
        try
        {
            return Decimals.Of(value, scale);
        }
        catch (InvalidDataException e)
        {
            throw cells.Damaged(e.Message, column, row);
        }
    }

    public static DateOnly Date(int days, ParquetCells cells, int column, int row) =>
        days >= -EpochDay && days <= DateOnly.MaxValue.DayNumber - EpochDay
            ? DateOnly.FromDayNumber(EpochDay + days)
            : cells.Misfit<DateOnly>($"day {days} from 1970 on", column, row);

    /// <summary>Ticks of what is stored in thousandths, millionths or thousand millionths of a second.</summary>
    public static long Ticks(long value, int unit, ParquetCells cells, int column, int row)
    {
        switch (unit)
        {
            case LogicalType.Nanos:
                var (ticks, rest) = Math.DivRem(value, NanosPerTick);
                return rest == 0 ? ticks : cells.Misfit<long>(
                    $"{value} nanoseconds. .NET's times have steps of {NanosPerTick}: {AsNumber}", column, row);
            default:
                var per = unit == LogicalType.Micros ? TimeSpan.TicksPerMicrosecond : TimeSpan.TicksPerMillisecond;
                return value <= long.MaxValue / per && value >= long.MinValue / per
                    ? value * per
                    : cells.Misfit<TimeSpan>($"{value} times 1e-{unit} s: {AsNumber}", column, row).Ticks;
        }
    }

    public static DateTime Timestamp(long ticks, DateTimeKind kind, ParquetCells cells, int column, int row)
    {
        const long Epoch = EpochDay * TimeSpan.TicksPerDay;
        return ticks >= -Epoch && ticks <= DateTime.MaxValue.Ticks - Epoch
            ? new DateTime(Epoch + ticks, kind)
            : cells.Misfit<DateTime>($"{ticks} ticks from 1970 on: {AsNumber}", column, row);
    }

    public static DateTime Timestamp96(Int96 value, ParquetCells cells, int column, int row)
    {
        var (ticks, rest) = Math.DivRem(value.Nanos, NanosPerTick);
        var days = (long)value.Day - EpochJulianDay;
        return rest == 0 && Math.Abs(days) <= DateOnly.MaxValue.DayNumber
            ? Timestamp((days * TimeSpan.TicksPerDay) + ticks, DateTimeKind.Unspecified, cells, column, row)
            : cells.Misfit<DateTime>($"Julian day {value.Day} and {value.Nanos} nanoseconds", column, row);
    }

    public static TimeOnly OfDay(long ticks, ParquetCells cells, int column, int row) =>
        ticks is >= 0 and < TimeSpan.TicksPerDay ? new TimeOnly(ticks) : cells.Misfit<TimeOnly>(new TimeSpan(ticks), column, row);

    public static DateOnly Midnight(DateTime time, ParquetCells cells, int column, int row) =>
        time.TimeOfDay == TimeSpan.Zero ? DateOnly.FromDateTime(time) : cells.Misfit<DateOnly>($"{time:O}", column, row);

    public static DateTimeOffset Offset(DateTime time, ParquetCells cells, int column, int row) => new(time.Ticks, TimeSpan.Zero);

    public static char Character(string text, ParquetCells cells, int column, int row) =>
        text.Length == 1 ? text[0] : cells.Misfit<char>($"'{text}'", column, row);
}
