using System.Numerics;
using CsCheck;
using MicroSpark.Hashing;

namespace MicroSpark.Tests.Hashing;

public sealed class StableHashTests
{
    [Theory]
    [MemberData(nameof(KeySamples.EqualPairs), MemberType = typeof(KeySamples))]
    public void Equal_keys_have_equal_hashes(object a, object b)
    {
        Assert.True(a.Equals(b));
        Assert.Equal(StableHash<object>.Of(a), StableHash<object>.Of(b));
        Assert.Equal(StableHash<object>.Of(a), BoxedHasher.For(b.GetType()).Hash(b));
    }

    [Fact]
    public void Null_is_zero()
    {
        Assert.Equal(0UL, StableHash<string?>.Of(null));
        Assert.Equal(0UL, StableHash<int?>.Of(null));
        Assert.Equal(0UL, StableHash<Point?>.Of(null));
        Assert.Equal(0UL, StableHash<object?>.Of(null));
    }

    [Fact]
    public void Random_keys_agree_with_equality()
    {
        // Small ranges, so that equal pairs are common.
        Agrees(Gen.Int[0, 5]);
        Agrees(Gen.Long[-3, 3]);
        Agrees(Gen.Double.Special);
        Agrees(OneOf(0.0, -0.0, double.NaN, KeySamples.OtherNaN, double.Epsilon, double.PositiveInfinity));
        Agrees(OneOf(0f, -0f, float.NaN, 1f));
        Agrees(Gen.Select(Gen.Int[-20, 20], Gen.Byte[0, 4]).Select((n, scale) => new decimal(Math.Abs(n), 0, 0, n < 0, scale)));
        Agrees(Gen.String[Gen.Char["ab\u0000é"], 0, 4]);
        Agrees(Gen.Select(Gen.Int[0, 2], Gen.String[Gen.Char["ab"], 0, 2]));
        Agrees(Gen.Select(Gen.Int[0, 2], OneOf<string?>(null, "a", "b")).Select((x, y) => new Point(x, y)));
        Agrees(Gen.Select(Gen.Int[0, 1], Gen.Bool).Select((x, derived) => derived ? new Point3(x, "", 0) : new Point(x, "")));
        Agrees(Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2]).Select((x, y) => new { x, y }));
        Agrees(Gen.Select(Gen.Bool, Gen.Int[0, 2]).Select((has, value) => new Optional<int>(has, value)));
        Agrees(Gen.Select(Gen.Int[0, 1], OneOf(0.0, -0.0)).Select((c, a) => new Plain(a, "b", c)));
        Agrees(OneOf<int?>(null, 0, 1, 2));
        Agrees(Gen.Int[-300, 300].Select(n => new BigInteger(n)));
        Agrees(OneOf<object>(1, 1L, "1", 1.0, 1m, (1, 1), new Circle(1), new Square(1), 'a', Colour.Green));
        Agrees(Gen.Int[0, 40].Select(n => new Named(n % 3, n % 2 == 0 ? "a" : "A")));
    }

    [Fact]
    public void Strings_differ_by_each_unit_and_by_length()
    {
        for (var length = 0; length <= 80; length++)
        {
            var seen = new HashSet<ulong> { StringHash.Of(new string('a', length)), StringHash.Of(new string('a', length + 1)) };
            for (var i = 0; i < length; i++)
            {
                var changed = new string('a', length).ToCharArray();
                changed[i] = 'b';
                seen.Add(StringHash.Of(changed));
            }

            Assert.Equal(length + 2, seen.Count);
        }
    }

    [Fact]
    public void A_string_hashes_the_same_wherever_it_lies()
    {
        const string Padding = "xyz";
        for (var length = 0; length < 70; length++)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i * 7 % 26))));
            for (var shift = 0; shift <= Padding.Length; shift++)
            {
                var padded = Padding[..shift] + text + Padding;
                Assert.Equal(StringHash.Of(text), StringHash.Of(padded.AsSpan(shift, length)));
            }
        }
    }

    [Fact]
    public void Swapped_components_differ()
    {
        Assert.NotEqual(StableHash<(int, int)>.Of((1, 2)), StableHash<(int, int)>.Of((2, 1)));
        Assert.NotEqual(StableHash<(string?, string?)>.Of(("a", null)), StableHash<(string?, string?)>.Of((null, "a")));
        Assert.NotEqual(StableHash<(string, string)>.Of(("a", "a")), StableHash<(string, string)>.Of(("b", "b")));
    }

    [Fact]
    public void No_two_of_many_keys_collide()
    {
        Assert.Equal(200_000, Enumerable.Range(0, 200_000).Select(i => StableHash<int>.Of(i)).Distinct().Count());
        Assert.Equal(200_000, Enumerable.Range(0, 200_000).Select(i => StableHash<string>.Of("user" + i)).Distinct().Count());
        Assert.Equal(200_000, Enumerable.Range(0, 200_000).Select(i => StableHash<(int, int)>.Of((i % 400, i / 400))).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1024)]
    public void High_and_low_bits_spread_evenly(int step)
    {
        const int Buckets = 64, PerBucket = 1000;
        var high = new int[Buckets];
        var low = new int[Buckets];
        var text = new int[Buckets];
        for (var i = 0; i < Buckets * PerBucket; i++)
        {
            var hash = StableHash<long>.Of((long)i * step);
            high[hash >> 58]++;
            low[hash & 63]++;
            text[StableHash<string>.Of($"k{i * step}") >> 58]++;
        }

        // Six standard deviations of a bucket's count.
        var allowed = (int)(6 * Math.Sqrt(PerBucket));
        Assert.All(high.Concat(low).Concat(text), n => Assert.InRange(n, PerBucket - allowed, PerBucket + allowed));
    }

    [Fact]
    public void What_is_no_key_is_refused_behind_object_too()
    {
        var array = Assert.Throws<InvalidOperationException>(() => StableHash<object>.Of(new[] { 1 }));
        Assert.Contains("an array (Int32[]) compares by reference. Use a string, a tuple", array.Message, StringComparison.Ordinal);
        var own = Assert.Throws<InvalidOperationException>(() => StableHash<object>.Of(new OwnEquals(1)));
        Assert.Contains(nameof(OwnEquals), own.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IStableHash), own.Message, StringComparison.Ordinal);
        Assert.NotEqual(0UL, StableHash<object>.Of(new CaseLess("a")));
    }

    private static Gen<T> OneOf<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static void Agrees<T>(Gen<T> gen) => Gen.Select(gen, gen).Check(
        static (a, b) => !EqualityComparer<T>.Default.Equals(a, b) || StableHash<T>.Of(a) == StableHash<T>.Of(b), count: 2000);
}
