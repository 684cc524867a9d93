using System.Globalization;
using System.Text;
using CsCheck;
using MicroSpark.Ordering;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Ordering;

/// <summary>
/// What is sorted by ranks has .NET's order: that of <see cref="Comparer{T}.Default"/>, or of the comparer given, equal keys in the order of
/// arrival.
/// </summary>
public sealed class RankingTests
{
    // Shorter and longer than where ranking begins, and long enough that a rank has many ties.
    private static readonly Gen<int> s_length = Gen.OneOf(Gen.Int[0, 60], Gen.Int[100, 1500]);

    private enum Signed
    {
        Least = int.MinValue,
        Low = -3,
        Zero = 0,
        High = 7,
        Most = int.MaxValue,
    }

    private enum Tiny : sbyte
    {
        Low = -1,
        High = 1,
    }

    private enum Huge : ulong
    {
        Low = 1,
        High = ulong.MaxValue,
    }

    [Fact]
    public void Guids()
    {
        Sorts(Gen.Guid);

        // Each part in turn decides, its highest bit too; and so do bits that upper ranks leave.
        Sorts(Gen.Select(Gen.Int[0, 15], Gen.Byte).Select((at, value) =>
        {
            var bytes = new byte[16];
            bytes[at] = value;
            return new Guid(bytes);
        }));
        Sorts(Gen.Int[0, 9].Select(i => new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, (byte)i)));
        Sorts(Gen.Select(Gen.Int[0, 1], Gen.Int[0, 300]).Select((high, low) => new Guid(high, -1, 0, 0, 0, 0, 0, 0, 0, (byte)(low >> 8), (byte)low)));
    }

    [Fact]
    public void Decimals_of_all_scales()
    {
        Sorts(Gen.Decimal);
        Sorts(Gen.Int[-500, 500].Select(i => i / 100m));
        Sorts(Gen.Select(Gen.Int[0, 28], Gen.Int[-3, 3]).Select((scale, digits) => new decimal(Math.Abs(digits), 0, 0, digits < 0, (byte)scale)));
        Sorts(Gen.Int[0, 6].Select(i => new[] { 0m, -0.0m, 0.00m, 1m, 1.0m, 1.00m, new decimal(0, 0, 0, true, 28) }[i]));

        // No scale holds all of these: some are compared.
        Sorts(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Select((i, j) => new[]
        {
            decimal.MaxValue, decimal.MinValue, 79228162514264337593543950335e-28m, 1e-28m, -1e-28m,
        }[i] - (i > 1 ? j * 1e-28m : 0)));
        Sorts(Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Int[0, 28]).Select((a, b, c, negative, scale) => new decimal(a, b, c, negative, (byte)scale)));
    }

    [Fact]
    public void Times()
    {
        // One instant at several offsets, and one time of several kinds, are equal.
        Sorts(Gen.Select(Gen.Int[0, 40], Gen.Int[-14, 14]).Select((hour, offset) =>
            new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.FromHours(offset)).AddHours(hour)));
        Sorts(Gen.Int[0, 1].Select(i => i == 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue));
        Sorts(Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2]).Select((day, kind) => new DateTime(2020, 1, 1 + day, 0, 0, 0, (DateTimeKind)kind)));
        Sorts(Gen.DateTime);
        Sorts(Gen.TimeSpan);
        Sorts(Gen.DateOnly);
        Sorts(Gen.TimeOnly);
    }

    [Fact]
    public void Numbers_of_other_sizes()
    {
        Sorts(Gen.Select(Gen.Long, Gen.ULong).Select((high, low) => new Int128((ulong)high, low)));
        Sorts(Gen.Long[-3, 3].Select(value => (Int128)value));
        Sorts(Gen.Select(Gen.ULong[0, 2], Gen.ULong).Select((high, low) => new UInt128(high, low)));
        Sorts(Gen.Int[0, 6].Select(i => new[] { Half.NaN, Half.NegativeInfinity, -Half.Epsilon, Half.NegativeZero, Half.Zero, Half.One, Half.MaxValue }[i]));
        Sorts(Gen.Long.Select(value => (nint)value));
        Sorts(Gen.ULong.Select(value => (nuint)value));
        Sorts(Gen.Int[0, 0xD000].Select(value => new Rune(value)));
        Sorts(Gen.Int[0, 3].Select(i => new[] { float.NaN, -0f, 0f, float.NegativeInfinity }[i]));
    }

    [Fact]
    public void Enums_by_their_numbers()
    {
        Sorts(Gen.Int[0, 4].Select(i => new[] { Signed.Least, Signed.Low, Signed.Zero, Signed.High, Signed.Most }[i]));
        Sorts(Gen.Int[0, 1].Select(i => i == 0 ? Tiny.Low : Tiny.High));
        Sorts(Gen.Int[0, 2].Select(i => i == 0 ? Huge.Low : i == 1 ? Huge.High : default));
        Sorts(Gen.Int[0, 6].Select(i => (DayOfWeek)i));
    }

    [Fact]
    public void What_may_be_missing()
    {
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Guid).Select((i, value) => i == 0 ? (Guid?)null : value));
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Int[-9, 9]).Select((i, value) => i == 0 ? (decimal?)null : value / 10m));
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Int[0, 6]).Select((i, value) => i == 0 ? (DayOfWeek?)null : (DayOfWeek)value));
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Double).Select((i, value) => i == 0 ? (double?)null : i == 1 ? double.NaN : value));
    }

    [Fact]
    public void Several_parts()
    {
        Sorts(Gen.Select(Gen.Int[0, 3], Gen.Guid));
        Sorts(Gen.Select(Gen.Int[0, 3].Select(i => new Guid(i, 0, 0, new byte[8])), Gen.Int[-5, 5].Select(i => i / 10m), Gen.Int));
        Sorts(Gen.Select(Gen.Int[0, 3].Select(i => i / 10m), Gen.Int[0, 6].Select(i => (DayOfWeek)i)));
        Sorts(Gen.Select(Gen.Int[0, 2].Select(i => i / 3.0), Gen.Double, Gen.Double[0, 1]));
    }

    /// <summary>Fifty names of each price, as orderings by two keys are: what ranks leave alike is ranked by what is behind.</summary>
    [Fact]
    public void Many_ties_behind_a_wide_first_part()
    {
        var ordinal = Comparer<(double, string?)>.Create(static (x, y) =>
            x.Item1.CompareTo(y.Item1) is var first and not 0 ? first : string.CompareOrdinal(x.Item2, y.Item2));
        Sorts(Gen.Select(Gen.Int[0, 20].Select(i => i / 7.0), Gen.String[Gen.Char["ab\0\uD800\uFFFF"], 0, 40]).Select((a, b) => (a, (string?)b)), ordinal);
        Sorts(
            Gen.Select(Gen.Int[0, 20].Select(i => i / 7.0), Gen.Int[-1, 900]).Select((a, b) => (a, b < 0 ? null : b == 0 ? "" : $"the same beginning {b}")),
            ordinal);
        Sorts(
            Gen.Select(Gen.Int[0, 2], Gen.Int[0, 50], Gen.Int[0, 3]).Select((a, b, c) => new string('x', 8 * a) + new string((char)('a' + b), 9 + c)),
            StringComparer.Ordinal);
    }

    public static TheoryData<string, CompareOptions> Cultures() => new()
    {
        { "", CompareOptions.None },
        { "en-US", CompareOptions.None },
        { "en-US", CompareOptions.IgnoreCase },
        { "sv-SE", CompareOptions.None },
        { "de-DE", CompareOptions.IgnoreNonSpace | CompareOptions.IgnoreSymbols },
        { "ja-JP", CompareOptions.IgnoreKanaType | CompareOptions.IgnoreWidth },
        { "cs-CZ", CompareOptions.StringSort },
    };

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Strings_of_a_culture(string culture, CompareOptions options)
    {
        var order = StringComparer.Create(CultureInfo.GetCultureInfo(culture), options);
        Given(Gen.String, order);
        Given(Gen.String[Gen.Char["aAbB\u00E4\u00C4o\u00F6z\u00DF-' 1\u0301\u3042\u30A2\uFF71"], 0, 6], order);
        Given(Gen.String[Gen.Char["\0a\uD800\uDC00\uFFFF\u200B\uFDFA"], 0, 5], order);
        Given(Gen.String[Gen.Char["chCHab"], 0, 12].Select(text => "a common beginning " + text), order);
        Given(Gen.Select(Gen.Int[0, 60], Gen.Int[0, 3]).Select((i, j) => i == 0 ? null! : i == 1 ? "" : i == 2 ? new string('x', 3000 + j) : $"word {i}"), order);
    }

    /// <summary>Drawn keys all begin alike, others do not: these rank below and above.</summary>
    [Fact]
    public void Strings_of_a_culture_that_begin_otherwise_than_those_drawn()
    {
        var order = StringComparer.Create(CultureInfo.GetCultureInfo("en-US"), CompareOptions.None);
        var texts = Enumerable.Range(0, 2000).Select(i => i % 64 == 0 ? $"middle {i}" : i % 3 == 0 ? $"a{i % 7}" : i % 3 == 1 ? $"z{i}" : $"middle {i % 50}").ToArray();
        var pairs = texts.Select((text, i) => (Key: text, Value: i)).ToArray();
        var expected = pairs.OrderBy(pair => pair.Key, order).Select(pair => pair.Value).ToArray();
        KeySort.SortByKey(pairs, order);
        Same.As(expected, pairs.Select(pair => pair.Value));
    }

    /// <summary>Longer than a core's cache, so that ranks are split, and more of a rank than are sorted as a few.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(10_000)]
    public void Many_elements(int ofOneHead)
    {
        var random = new Random(ofOneHead);
        var guids = Enumerable.Range(0, 60_000).Select(i => new Guid(i / ofOneHead, 0, 0, BitConverter.GetBytes(random.NextInt64()))).ToArray();
        random.Shuffle(guids);
        Same.As(guids.Order(), Sorted(guids));
        var decimals = guids.Select(guid => new decimal(guid.GetHashCode()) / 1000 * ofOneHead).ToArray();
        Same.As(decimals.Order(), Sorted(decimals));
        var texts = guids.Select(guid => guid.ToString()).ToArray();
        Same.As(texts.Order(StringComparer.Ordinal), Sorted(texts));

        static T[] Sorted<T>(T[] values)
        {
            var sorted = new T[values.Length];
            new Sorter<T, T, Itself<T>>(null, ascending: true).Sort([values], sorted);
            return sorted;
        }
    }

    private static void Sorts<K>(Gen<K> keys, IComparer<K>? model = null) => Check(keys, model ?? Comparer<K>.Default, null);

    private static void Given(Gen<string> keys, IComparer<string> order) => Check(keys, order, order);

    private static void Check<K>(Gen<K> keys, IComparer<K> model, IComparer<K>? given) =>
        Gen.Select(s_length.SelectMany(n => keys.Array[n]), Gen.Bool).Check(
            (items, ascending) =>
            {
                var pairs = items.Select((key, i) => (Key: key, Value: i)).ToArray();
                var expected = ascending ? pairs.OrderBy(p => p.Key, model) : pairs.OrderByDescending(p => p.Key, model);
                KeySort.SortByKey(pairs, given, ascending);
                return pairs.Select(p => p.Value).SequenceEqual(expected.Select(p => p.Value));
            },
            count: 60);
}
