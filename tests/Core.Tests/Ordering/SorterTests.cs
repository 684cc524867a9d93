using CsCheck;
using MicroSpark.Ordering;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Ordering;

/// <summary>The sort of what fits into memory, with LINQ's stable order as the model: by radix, by rank and by comparison.</summary>
public sealed class SorterTests
{
    // Shorter and longer than where ranking begins.
    private static readonly Gen<int> s_length = Gen.OneOf(Gen.Int[0, 60], Gen.Int[100, 1500]);

    [Fact]
    public void Sorts_as_LINQ_does_equal_keys_in_order_of_arrival()
    {
        Sorts(Gen.Int);
        Sorts(Gen.Int[-3, 3]);
        Sorts(Gen.Long);
        Sorts(Gen.ULong);
        Sorts(Gen.UInt);
        Sorts(Gen.Short);
        Sorts(Gen.SByte);
        Sorts(Gen.Byte);
        Sorts(Gen.Char);
        Sorts(Gen.Bool);
        Sorts(Gen.Double);
        Sorts(Gen.Int[0, 5].Select(i => new[] { 0.0, -0.0, double.NaN, -1, double.NegativeInfinity, double.Epsilon }[i]));
        Sorts(Gen.Float);
        Sorts(Gen.DateTime);
        Sorts(Gen.TimeSpan);
        Sorts(Gen.Decimal);
    }

    [Fact]
    public void Sorts_by_several_parts()
    {
        Sorts(Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]));
        Sorts(Gen.Select(Gen.Int, Gen.Int));
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Long, Gen.Long[-1, 1]));
        Sorts(Gen.Select(Gen.Long[0, 1], Gen.Double).Select((a, b) => (a == 0 ? long.MinValue : long.MaxValue, b)));
        Sorts(Gen.Int[-2, 9].Select(i => i < 0 ? (int?)null : i - 5));
        Sorts(Gen.Select(Gen.Int[-1, 2], Gen.Int).Select((a, b) => (a < 0 ? (long?)null : a * long.MaxValue, b)));
        Sorts(Gen.Select(Gen.String[Gen.Char["ab"], 0, 2], Gen.Int[0, 3]), Comparer<(string, int)>.Create(static (x, y) =>
            string.CompareOrdinal(x.Item1, y.Item1) is var first and not 0 ? first : x.Item2.CompareTo(y.Item2)));
        Sorts(Gen.Select(Gen.Int[0, 3], Gen.String[Gen.Char["ab"], 0, 12]), Comparer<(int, string)>.Create(static (x, y) =>
            x.Item1 != y.Item1 ? x.Item1.CompareTo(y.Item1) : string.CompareOrdinal(x.Item2, y.Item2)));
    }

    [Fact]
    public void Sorts_strings_by_units()
    {
        Sorts(Gen.String, StringComparer.Ordinal);
        Sorts(Gen.String[Gen.Char["ab\0\uFFFF"], 0, 6], StringComparer.Ordinal);
        Sorts(Gen.String[Gen.Char["\0\u00FE\u00FF"], 0, 4], StringComparer.Ordinal);
        Sorts(Gen.String[Gen.Char["abc"], 0, 7].Select(s => "http://" + s), StringComparer.Ordinal);
        Sorts(Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 99]).Select((a, b, c) => $"common {a} and then {b} and {c}"), StringComparer.Ordinal);
        Sorts<string?>(Gen.Int[-1, 30].Select(i => i < 0 ? null : i == 0 ? "" : $"same{i}"), StringComparer.Ordinal);
        Sorts<string?>(Gen.Int[0, 1].Select(i => (string?)null), StringComparer.Ordinal);
        Sorts(Gen.Int[0, 200].Select(i => new string('\0', i)), StringComparer.Ordinal);
        Sorts(Gen.Int[0, 200].Select(i => new string('\uFFFF', i)), StringComparer.Ordinal);
    }

    [Fact]
    public void A_comparer_decides_when_given() =>
        Sorts(Gen.Int, Comparer<int>.Create((a, b) => (b & 0xFF).CompareTo(a & 0xFF)), given: true);

    [Fact]
    public void Keys_without_order_are_refused() =>
        Assert.Throws<ArgumentException>(() => KeySort.SortByKey<Uri, int>(new (Uri, int)[2]));

    public static TheoryData<int, string> Distributions()
    {
        var data = new TheoryData<int, string>();
        foreach (var length in (int[])[1_000, 20_000, 300_000])
        {
            foreach (var shape in (string[])["random", "small", "ascending", "descending", "clustered", "skewed", "low bits", "two"])
            {
                data.Add(length, shape);
            }
        }

        return data;
    }

    /// <summary>Longer than a cache: with one and two levels of splitting, where digits say much, little and nothing.</summary>
    [Theory]
    [MemberData(nameof(Distributions))]
    public void Sorts_numbers_of_all_distributions(int length, string shape)
    {
        var random = new Random(length);
        var numbers = new long[length];
        for (var i = 0; i < length; i++)
        {
            numbers[i] = shape switch
            {
                "random" => random.NextInt64(long.MinValue, long.MaxValue),
                "small" => random.Next(100),
                "ascending" => i,
                "descending" => -i,
                "clustered" => (random.NextInt64(4) << 60) + random.Next(1000),
                "skewed" => (long)Math.Pow(2, random.NextDouble() * 62) * (random.Next(2) == 0 ? -1 : 1),
                "low bits" => (random.NextInt64(3) << 40) + (random.NextInt64(3) << 20) + random.Next(3),
                _ => random.Next(2) == 0 ? long.MinValue : long.MaxValue,
            };
        }

        var chunks = numbers.Chunk(7777).Select(chunk => new ReadOnlyMemory<long>(chunk)).ToArray();
        var sorted = new long[length];
        new Sorter<long, long, Itself<long>>(null, ascending: true).Sort(chunks, sorted);
        Same.As(numbers.Order(), sorted);
        new Sorter<long, long, Itself<long>>(null, ascending: false).Sort(chunks, sorted);
        Same.As(numbers.OrderDescending(), sorted);

        // The position shows whether equal keys kept their order: as a small element, and behind a reference.
        var pairs = numbers.Select((number, i) => (Key: number, Value: i)).ToArray();
        var expected = pairs.OrderBy(pair => pair.Key).Select(pair => pair.Value).ToArray();
        var texts = pairs.Select(pair => (pair.Key, Value: (object)pair.Value)).ToArray();
        KeySort.SortByKey(pairs);
        Same.As(expected, pairs.Select(pair => pair.Value));
        KeySort.SortByKey(texts);
        Same.As(expected, texts.Select(pair => (int)pair.Value));
    }

    private static void Sorts<K>(Gen<K> keys, IComparer<K>? model = null, bool given = false) =>
        Gen.Select(s_length.SelectMany(n => keys.Array[n]), Gen.Bool).Check(
            (items, ascending) =>
            {
                var pairs = items.Select((key, i) => (Key: key, Value: i)).ToArray();
                var expected = ascending ? pairs.OrderBy(p => p.Key, model) : pairs.OrderByDescending(p => p.Key, model);
                KeySort.SortByKey(pairs, given ? model : null, ascending);
                return pairs.Select(p => p.Value).SequenceEqual(expected.Select(p => p.Value));
            },
            count: 60);
}
