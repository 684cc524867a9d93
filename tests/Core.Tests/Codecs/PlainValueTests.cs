using System.Numerics;
using System.Text;

namespace MicroSpark.Tests.Codecs;

public class PlainValueTests
{
    private enum Level : ushort
    {
        Low = 1,
        High = 60_000,
    }

    public static TheoryData<object> Values => new()
    {
        true, (byte)7, (sbyte)-7, (short)-300, (ushort)300, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, 'x', 1.5f,
        double.NaN, 1.00m, decimal.MinValue, (Half)1.5, Int128.MinValue, UInt128.MaxValue, (nint)(-5),
        new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(-7)),
        TimeSpan.FromTicks(-1), new DateOnly(2024, 2, 29), new TimeOnly(23, 59), new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        new Complex(1, -2), new Index(3, fromEnd: true), new Range(1, ^2), new Rune(0x1F600), new Vector3(1, 2, 3), Level.High,
        DayOfWeek.Friday, "", "plain", "Grüße 😀", (1, 2L), (1, "one"), ((byte)1, 2, (byte)3), Tuple.Create(1, "x"),
        new KeyValuePair<string, int>("k", 1), new string('a', 100_000), new string('é', 5_000),
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Survives_as_itself_and_behind_object(object value)
    {
        Assert.Equal(value, RoundTrip.Of(value));
        Assert.Equal(value.GetType(), RoundTrip.Of(value).GetType());
    }

    [Theory]
    [InlineData("\uD800")]
    [InlineData("a\uDC00b")]
    [InlineData("\uDC00\uD800")]
    [InlineData("ok \uD83D\uDE00 then \uD83D")]
    public void Lone_surrogates_survive(string text) => Assert.Equal(text, RoundTrip.Of(text));

    [Fact]
    public void Runs_survive()
    {
        Assert.Equal([1, 2, 3], RoundTrip.Many(1, 2, 3));
        Assert.Equal<string?[]>(["a", null, "c"], RoundTrip.Many<string?>("a", null, "c"));
        Assert.Equal([("a", 1), ("b", 2)], RoundTrip.Many(("a", 1), ("b", 2)));
        Assert.Equal([1, null, 3], RoundTrip.Many<int?>(1, null, 3));
        Assert.Equal([("a", (int?)null), (null, 2)], RoundTrip.Many<(string?, int?)>(("a", null), (null, 2)));
        Assert.Empty(RoundTrip.Many<long>());
    }

    [Fact]
    public void A_run_of_numbers_is_its_memory()
    {
        Assert.Equal([3, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], RoundTrip.Encode<int>([1, 2, 3]));
        Assert.Equal(4_000_003, RoundTrip.Encode<int>(new int[1_000_000]).Length);
    }

    [Fact]
    public void Bytes_between_fields_do_not_show()
    {
        (byte, int, byte)[] clean = [(1, 2, 3)];
        (byte, int, byte)[] dirty = [default];
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(dirty.AsSpan()).Fill(0xCC);
        dirty[0].Item1 = 1;
        dirty[0].Item2 = 2;
        dirty[0].Item3 = 3;

        Assert.Equal(RoundTrip.Encode<(byte, int, byte)>(clean), RoundTrip.Encode<(byte, int, byte)>(dirty));
        Assert.Equal(clean, RoundTrip.Many(dirty));
    }
}
