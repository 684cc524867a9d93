using CsCheck;
using MicroSpark.Ordering;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Ordering;

public sealed class KeySortTests
{
    // Longer and shorter than where the radix sort begins.
    private static readonly Gen<int> Length = Gen.OneOf(Gen.Int[0, 60], Gen.Int[500, 1500]);

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
        Sorts(Gen.Double);
        Sorts(Gen.Int[0, 5].Select(i => new[] { 0.0, -0.0, double.NaN, -1, double.NegativeInfinity, double.Epsilon }[i]));
        Sorts(Gen.Float);
        Sorts(Gen.DateTime);
        Sorts(Gen.TimeSpan);
        Sorts(Gen.Decimal);
        Sorts(Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]));
    }

    [Fact]
    public void Sorts_strings_by_units()
    {
        Sorts(Gen.String, StringComparer.Ordinal);
        Sorts(Gen.String[Gen.Char["ab\0\uFFFF"], 0, 6], StringComparer.Ordinal);
        Sorts(Gen.String[Gen.Char["abc"], 0, 7].Select(s => "http://" + s), StringComparer.Ordinal);
        Sorts<string?>(Gen.Int[-1, 30].Select(i => i < 0 ? null : i == 0 ? "" : $"same{i}"), StringComparer.Ordinal);
        Sorts<string?>(Gen.Int[0, 1].Select(i => (string?)null), StringComparer.Ordinal);
    }

    [Fact]
    public void A_comparer_decides_when_given() =>
        Sorts(Gen.Int, Comparer<int>.Create((a, b) => (b & 0xFF).CompareTo(a & 0xFF)), given: true);

    [Fact]
    public void Keys_without_order_are_refused() =>
        Assert.Throws<ArgumentException>(() => KeySort.SortByKey<Uri, int>(new (Uri, int)[2]));

    private static void Sorts<K>(Gen<K> keys, IComparer<K>? model = null, bool given = false) =>
        Gen.Select(Length.SelectMany(n => keys.Array[n]), Gen.Bool).Check(
            (items, ascending) =>
            {
                var pairs = items.Select((key, i) => (Key: key, Value: i)).ToArray();
                var expected = ascending ? pairs.OrderBy(p => p.Key, model) : pairs.OrderByDescending(p => p.Key, model);
                var sorted = pairs.ToArray();
                KeySort.SortByKey(sorted, given ? model : null, ascending);
                return sorted.Select(p => p.Value).SequenceEqual(expected.Select(p => p.Value));
            },
            count: 60);
}
