using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>What stored values stand for: units of time, whole numbers of other sizes, decimals. None is changed; what does not fit is an error.</summary>
public sealed class ValueFormTests : IDisposable
{
    private static readonly TimeSpan s_time = new(0, 12, 30, 15, 500);
    private static readonly DateTime s_date = new(2024, 2, 29, 12, 30, 15, 500);
    private readonly TemporaryFolder _folder = new();

    public sealed record Row<V>(V Value);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LogicalType.Millis, 10_000)]
    [InlineData(LogicalType.Micros, 10)]
    [InlineData(LogicalType.Nanos, 0.01)]
    public void A_time_is_the_same_in_every_unit(int unit, double ticks)
    {
        var type = unit == LogicalType.Millis ? PhysicalType.Int32 : PhysicalType.Int64;
        var path = Write(type, new(LogicalKind.Time, unit), (long)(s_time.Ticks / ticks));
        Assert.Equal(s_time, Single<TimeSpan>(path));
        Assert.Equal(s_time, Single<TimeSpan?>(path));
        Assert.Equal(TimeOnly.FromTimeSpan(s_time), Single<TimeOnly>(path));
    }

    [Theory]
    [InlineData(LogicalType.Millis, 10_000, true)]
    [InlineData(LogicalType.Micros, 10, false)]
    [InlineData(LogicalType.Nanos, 0.01, true)]
    public void A_timestamp_is_the_same_in_every_unit(int unit, double ticks, bool isUtc)
    {
        var stored = (long)((s_date - DateTime.UnixEpoch).Ticks / ticks);
        var path = Write(PhysicalType.Int64, new(LogicalKind.Timestamp, unit, isUtc), stored);
        Assert.Equal(s_date, Single<DateTime>(path));
        Assert.Equal(isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified, Single<DateTime>(path).Kind);
        Assert.Equal(new DateTimeOffset(s_date, TimeSpan.Zero), Single<DateTimeOffset>(path));
        Assert.Equal(stored, Single<long>(path));
        Assert.Contains("row group 0, row 0, column 'Value': expected DateOnly, found 2024-02-29T12:30:15.5", Fails<DateOnly>(path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_NET_cannot_hold_is_named_and_not_cut()
    {
        var nanos = Write(PhysicalType.Int64, new(LogicalKind.Timestamp, LogicalType.Nanos), 1_700_000_000_000_000_001);
        Assert.Contains("found 1700000000000000001 nanoseconds", Fails<DateTime>(nanos), StringComparison.Ordinal);
        Assert.Equal(1_700_000_000_000_000_001, Single<long>(nanos));
        Assert.Contains("expected", Fails<DateTime>(Write(PhysicalType.Int64, new(LogicalKind.Timestamp, LogicalType.Micros), long.MaxValue)), StringComparison.Ordinal);
        Assert.Contains("expected DateTime", Fails<DateTime>(Write(PhysicalType.Int64, new(LogicalKind.Timestamp, LogicalType.Millis), -70_000_000_000_000)), StringComparison.Ordinal);
        Assert.Contains("expected DateOnly", Fails<DateOnly>(Write(PhysicalType.Int32, new(LogicalKind.Date), int.MaxValue)), StringComparison.Ordinal);
        Assert.Contains("expected TimeOnly, found -", Fails<TimeOnly>(Write(PhysicalType.Int64, new(LogicalKind.Time, LogicalType.Micros), -1)), StringComparison.Ordinal);
        Assert.Contains("expected Byte, found 256", Fails<byte>(Write(PhysicalType.Int32, new(LogicalKind.Integer, 8), 256)), StringComparison.Ordinal);
        Assert.Contains("expected SByte, found 128", Fails<int>(Write(PhysicalType.Int32, new(LogicalKind.Integer, 8, true), 128)), StringComparison.Ordinal);
        var long38 = _folder.Write("form.parquet", Build(
            [Leaf("Value", PhysicalType.FixedBytes, logical: new(LogicalKind.Decimal, 1), length: 16)], 1, 1, None, [new Page(1, PageEncoding.Plain, [0x40, .. new byte[14], 1])]));
        Assert.Contains("expected a number that a decimal holds exactly", Fails<decimal>(long38), StringComparison.Ordinal);
        Assert.Equal("8507059173023461586584365185794205286.5", Single<string>(long38));
        var text = _folder.Write("form.parquet", Build([Leaf("Value", PhysicalType.Bytes, logical: new(LogicalKind.Text))], 1, 1, None, [new Page(1, PageEncoding.Plain, [2, 0, 0, 0, 0xC3, 0x28])]));
        Assert.Contains("expected text in UTF-8, found C328", Fails<string>(text), StringComparison.Ordinal);
        Assert.Equal([0xC3, 0x28], Single<byte[]>(text));
    }

    [Fact]
    public void Whole_numbers_and_decimals_are_what_they_say()
    {
        Assert.Equal(uint.MaxValue, Single<uint>(Write(PhysicalType.Int32, new(LogicalKind.Integer, 32), -1)));
        Assert.Equal(uint.MaxValue, Single<long>(Write(PhysicalType.Int32, new(LogicalKind.Integer, 32), -1)));
        Assert.Equal(ulong.MaxValue, Single<ulong>(Write(PhysicalType.Int64, new(LogicalKind.Integer, 64), -1)));
        Assert.Equal(-3, Single<short>(Write(PhysicalType.Int32, new(LogicalKind.Integer, 8, true), -3)));
        Assert.Equal(-12.34m, Single<decimal>(Write(PhysicalType.Int32, new(LogicalKind.Decimal, 2), -1234)));
        Assert.Equal(-922337203685477.5808m, Single<decimal>(Write(PhysicalType.Int64, new(LogicalKind.Decimal, 4), long.MinValue)));
        Assert.Equal("1.5", Single<decimal>(Write(PhysicalType.Int64, new(LogicalKind.Decimal, 18), 1_500_000_000_000_000_000)).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new DateOnly(1969, 12, 31), Single<DateOnly>(Write(PhysicalType.Int32, new(LogicalKind.Date), -1)));
    }

    private string Write(PhysicalType type, LogicalType logical, long value) => _folder.Write("form.parquet", Build(
        [Leaf("Value", type, logical: logical)], 1, 1, None,
        [new Page(1, PageEncoding.Plain, type == PhysicalType.Int32 ? BitConverter.GetBytes((int)value) : BitConverter.GetBytes(value))]));

    private static V Single<V>(string path) => Read<Row<V>>(path).Single().Value;

    private static string Fails<V>(string path) => Assert.Throws<InvalidDataException>(() => Read<Row<V>>(path)).Message;
}
