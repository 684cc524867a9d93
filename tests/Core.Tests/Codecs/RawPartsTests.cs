using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>Plain memory is copied. Bits that the framework would never make, and trusts, are refused wherever they stand.</summary>
public sealed class RawPartsTests
{
    private const long LastTick = 3_155_378_975_999_999_999;

    public static TheoryData<object> Last => new()
    {
        decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, -0.0m, DateTime.MaxValue, DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local),
        DateTimeOffset.MaxValue, DateTimeOffset.MinValue, new DateTimeOffset(1, 1, 1, 14, 0, 0, TimeSpan.FromHours(14)), DateOnly.MaxValue, TimeOnly.MaxValue,
        new Rune(0x10FFFF), new Rune(0xD7FF),
    };

    public static TheoryData<Type, byte[]> Bad => new()
    {
        { typeof(decimal), Bits(29 << 16, 0) },
        { typeof(decimal), Bits(255 << 16, -1) },
        { typeof(decimal), Bits(1, 0) },
        { typeof(decimal), Bits(1 << 24, 0) },
        { typeof(DateTime), Bits(LastTick + 1) },
        { typeof(DateTime), Bits(-1) },
        { typeof(DateTimeOffset), Bits(LastTick + 1, 0) },
        { typeof(DateTimeOffset), Bits(LastTick / 2, 15 * 60) },
        { typeof(DateTimeOffset), Bits(LastTick / 2, int.MinValue) },
        { typeof(DateTimeOffset), Bits(LastTick, 1) },
        { typeof(DateTimeOffset), Bits(0, -1) },
        { typeof(DateOnly), Bits(uint.MaxValue)[..4] },
        { typeof(DateOnly), Bits(DateOnly.MaxValue.DayNumber + 1)[..4] },
        { typeof(TimeOnly), Bits(TimeSpan.TicksPerDay) },
        { typeof(TimeOnly), Bits(-1) },
        { typeof(Rune), Bits(0x110000)[..4] },
        { typeof(Rune), Bits(0xD800)[..4] },
        { typeof(Rune), Bits(uint.MaxValue)[..4] },
    };

    [Theory]
    [MemberData(nameof(Last))]
    public void The_last_values_travel(object value) => Call(nameof(TravelsAs), value.GetType(), value);

    [Theory]
    [MemberData(nameof(Bad))]
    public void Bits_that_are_no_value_are_refused_wherever_they_stand(Type type, byte[] bits) => Call(nameof(IsRefused), type, bits);

    [Fact]
    public void Each_type_of_the_list_is_any_bits_or_known_not_to_be()
    {
        foreach (var type in (Type[])[typeof(long), typeof(Guid), typeof(TimeSpan), typeof(Half), typeof(Int128), typeof(DayOfWeek), typeof(Range), typeof((int, double?))])
        {
            Assert.Null(RawParts.Of(type));
        }

        Assert.Equal(3, RawParts.Of(typeof((DateTime?, int, (byte, decimal), Row<Rune>)))!.Length);
        Assert.Equal(4, RawParts.Of(typeof(Four<TimeOnly>))!.Length);
        Assert.Single(RawParts.Of(typeof(Union))!);
    }

    private static void Call(string method, Type type, object argument)
    {
        try
        {
            typeof(RawPartsTests).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [argument]);
        }
        catch (TargetInvocationException error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerException!);
        }
    }

    private static void TravelsAs<T>(T value)
        where T : struct
    {
        Assert.Equal(value, RoundTrip.Of(value));
        Assert.Equal<object>(value, RoundTrip.Of<object>(value));
        Assert.Equal([value, value], RoundTrip.Of((T[])[value, value]));
        Assert.Equal(new Row<T>(1, value, 2), RoundTrip.Of(new Row<T>(1, value, 2)));
        Assert.Equal(new Item<T>("a", value, null), RoundTrip.Of(new Item<T>("a", value, null)));
        Assert.Equal(new Item<T>("a", value, value), RoundTrip.Of(new Item<T>("a", value, value)));
    }

    private static void IsRefused<T>(byte[] bits)
        where T : struct
    {
        var bad = MemoryMarshal.Read<T>([.. bits, .. new byte[16]]);
        var four = default(Four<T>);
        four[3] = bad;
        Refused(bad);
        Refused((T?)bad);
        Refused<object>(bad);
        Refused((T[])[default, default, bad]);
        Refused((List<T>)[default, bad]);
        Refused((bad, 1));
        Refused(((byte)1, bad, (byte)2, (1, (T?)bad)));
        Refused(new Row<T>(1, bad, 2));
        Refused((Row<T>[])[default, new(1, bad, 2)]);
        Refused(new Item<T>("a", bad, null));
        Refused(new Item<T>("a", default, bad));
        Refused(four);
        Refused(("a", bad));
    }

    private static void Refused<T>(T value)
    {
        var bytes = ValueCodec.Encode(value, CodeSpace.Process);
        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<T>(bytes, CodeSpace.Process));
        Assert.Contains("none of its values", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ValueCodec.DecodeMany<T>(RoundTrip.Encode<T>([value, value]), CodeSpace.Process));
    }

    private static byte[] Bits(params long[] words) => MemoryMarshal.AsBytes<long>(words).ToArray();

    private readonly record struct Row<T>(byte First, T Value, short Last);

    private sealed record Item<T>(string Name, T Value, T? Other)
        where T : struct;

    [InlineArray(4)]
    private struct Four<T>
    {
        private T _first;
    }

    /// <summary>Which of two fields it means, nobody can tell from outside.</summary>
    [StructLayout(LayoutKind.Explicit)]
    private struct Union
    {
        [FieldOffset(0)]
        public DateTime Time;

        [FieldOffset(0)]
        public long Number;

        [FieldOffset(8)]
        public DateOnly Day;
    }
}
