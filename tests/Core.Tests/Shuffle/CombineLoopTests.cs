using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Shuffle;

/// <summary>
/// The loops that combine pairs by key: runs of a source, runs of a flat-map's sequences, and single pairs, with keys that get places of their own and keys that do
/// not. Functions that depend on the order show each pair that comes too early, too late or twice.
/// </summary>
public sealed class CombineLoopTests
{
    private const int Pairs = 60_000;

    public static TheoryData<string> Keys => ["ascending", "descending", "scattered", "far apart", "near, then far", "few", "widening"];

    public static TheoryData<string> Sequences => ["arrays", "lists", "selected", "yielded", "mixed", "long"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_source_of_pairs(string keys)
    {
        var pairs = PairsOf(keys);
        await SameAsync(pairs, rdd => rdd);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Pairs_that_an_operator_made(string keys)
    {
        var pairs = PairsOf(keys);
        await SameAsync(pairs, rdd => rdd.Map(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public async Task Sequences_of_pairs(string sequences)
    {
        // The sequence for one pair: itself many times, or never.
        foreach (var keys in new[] { "scattered", "near, then far" })
        {
            var pairs = PairsOf(keys).Take(Pairs / 4).ToArray();
            var expected = pairs.SelectMany(pair => SequenceOf(sequences, pair)).ToArray();
            foreach (var fused in new[] { true, false })
            {
                using var runner = new LocalRunner(1, fused, simulated: false);
                var many = Source.Parallelize(runner, pairs, 1).FlatMap(pair => SequenceOf(sequences, pair));
                Assert.Equal(Model(expected), Sorted(await many.ReduceByKey((a, b) => unchecked((a * 31) + b)).CollectAsync()));
                Assert.Equal(Counts(expected), Sorted(await many.AggregateByKey(0L, (count, _) => count + 1, (a, b) => a + b).CollectAsync()));

                // An operator behind the flat-map: its elements come one by one.
                var mapped = many.MapValues(value => value + 1);
                Assert.Equal(
                    Model([.. expected.Select(pair => (pair.Key, pair.Value + 1))]),
                    Sorted(await mapped.ReduceByKey((a, b) => unchecked((a * 31) + b)).CollectAsync()));
            }
        }
    }

    /// <summary>What waits for a longer run must not change meanwhile: values that are objects do not wait.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_that_is_handed_out_again(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var numbers = Enumerable.Range(0, 120_000).ToArray();
        var source = Source.Parallelize(runner, numbers, 1);
        var (spread, mapped) = (new OneObject(), new OneObject());
        foreach (var rdd in new[] { source.FlatMap(spread.For), source.Map(i => mapped.For(i)[0]) })
        {
            var sums = await rdd.AggregateByKey(0L, (sum, item) => sum + item.Value, (a, b) => a + b).CollectAsync();
            Assert.Equal(numbers.GroupBy(i => i % OneObject.Keys, (key, of) => (key, of.Sum(i => (long)i))), sums.OrderBy(pair => pair.Key));
        }
    }

    /// <summary>Functions that can throw let nothing wait: the error names the element that it was called for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_error_names_its_element(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var failing = Source.Parallelize(runner, Enumerable.Range(0, 40_000), 1)
            .FlatMap(i => new[] { (Key: i / 2, Value: i) })
            .ReduceByKey((a, b) => b == 30_001 ? throw new FormatException("thirty") : a + b);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => failing.CollectAsync());
        Assert.Equal(typeof(FormatException).FullName, error.Failure.TypeName);
        Assert.Equal(30_001, error.Failure.ElementIndex);
    }

    private static async Task SameAsync((int Key, long Value)[] pairs, Func<Rdd<(int Key, long Value)>, Rdd<(int Key, long Value)>> prepare)
    {
        foreach (var fused in new[] { true, false })
        {
            using var runner = new LocalRunner(1, fused, simulated: false);
            var rdd = prepare(Source.Parallelize(runner, pairs, 1));
            Assert.Equal(Model(pairs), Sorted(await rdd.ReduceByKey((a, b) => unchecked((a * 31) + b)).CollectAsync()));
            Assert.Equal(Counts(pairs), Sorted(await rdd.AggregateByKey(0L, (count, _) => count + 1, (a, b) => a + b).CollectAsync()));
            var spread = prepare(Source.Parallelize(runner, pairs, 7));
            Assert.Equal(
                Sorted([.. pairs.GroupBy(p => p.Key, (key, of) => (key, of.Sum(p => p.Value)))]),
                Sorted(await spread.ReduceByKey((a, b) => a + b).CollectAsync()));
        }
    }

    private static (int Key, long Value)[] PairsOf(string keys)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, Pairs).Select(i => (KeyOf(keys, i, random), (long)i))];
    }

    private static int KeyOf(string keys, int i, Random random) => keys switch
    {
        "ascending" => i / 2,
        "descending" => -i / 2,
        "scattered" => random.Next(-9_000, 9_000),
        "far apart" => random.Next(40_000) * 50_021,
        "near, then far" => i < Pairs / 2 || i % 3 == 0 ? random.Next(5_000) : random.Next(20_000) * 90_001,
        "few" => random.Next(900),
        _ => (int)(random.Next(-1 - i, 1 + i) * (i / (double)Pairs)),
    };

    private static IEnumerable<(int Key, long Value)> SequenceOf(string sequences, (int Key, long Value) pair)
    {
        var count = (int)(pair.Value % 7);
        return sequences switch
        {
            "arrays" => Repeated(pair, count).ToArray(),
            "lists" => Repeated(pair, count).ToList(),
            "selected" => new int[count].Select((_, i) => (pair.Key, pair.Value + i)),
            "yielded" => Repeated(pair, count),
            "mixed" => count switch { 0 => [], 1 => [pair], 2 => Repeated(pair, 2).ToList(), _ => Repeated(pair, count) },
            _ => pair.Value % 1_000 == 0 ? Long(pair) : [],
        };
    }

    // Longer than any buffer, as an array and as a sequence in turns, and of the buffer's own length.
    private static IEnumerable<(int Key, long Value)> Long((int Key, long Value) pair) => (pair.Value / 1_000 % 3) switch
    {
        0 => Repeated(pair, 700).ToArray(),
        1 => Repeated(pair, 700),
        _ => Repeated(pair, 256),
    };

    private static IEnumerable<(int Key, long Value)> Repeated((int Key, long Value) pair, int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return (pair.Key + (i % 3), pair.Value + i);
        }
    }

    private static (int Key, long Value)[] Model((int Key, long Value)[] pairs) => Sorted(
        [.. pairs.GroupBy(p => p.Key, (key, of) => (key, of.Select(p => p.Value).Aggregate((a, b) => unchecked((a * 31) + b))))]);

    private static (int Key, long Value)[] Counts((int Key, long Value)[] pairs) => Sorted([.. pairs.GroupBy(p => p.Key, (key, of) => (key, of.LongCount()))]);

    private static (int Key, long Value)[] Sorted((int Key, long Value)[] pairs) => [.. pairs.OrderBy(p => p.Key)];

    private sealed class OneObject
    {
        /// <summary>So many that their places do not fit into a core's cache.</summary>
        public const int Keys = 50_000;

        public long Value { get; private set; }

        public (int Key, OneObject Value)[] For(int i)
        {
            Value = i;
            return [(i % Keys, this)];
        }
    }
}
