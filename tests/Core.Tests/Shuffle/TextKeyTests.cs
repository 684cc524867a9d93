using System.Reflection;
using MicroSpark.Shuffle;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Shuffle;

/// <summary>
/// Operations by keys that are strings, LINQ as the model: few and many, short and very long, empty, null, with zeros and halves of surrogate
/// pairs, with memory and with none, in blocks of one process and read from frames. Functions that depend on the order show each pair that
/// comes too early, too late or twice.
/// </summary>
public sealed class TextKeyTests
{
    public static TheoryData<string, bool, bool> Shapes()
    {
        var data = new TheoryData<string, bool, bool>();
        foreach (var keys in (string[])["none", "one", "as many as wait", "few", "many", "odd", "long"])
        {
            data.Add(keys, true, false);
            data.Add(keys, true, true);
            data.Add(keys, false, true);
        }

        return data;
    }

    /// <summary>The count of those that came was a number of 32 bits: beyond 2,147,483,647 pairs were lost.</summary>
    [Fact]
    public void No_pair_is_lost_however_many_have_come()
    {
        var waiting = new TextWaiting<string, int>();
        typeof(TextWaiting<string, int>).GetField("_came", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(waiting, int.MaxValue - 100L);
        var came = new List<int>();
        for (var i = 0; i < 300; i++)
        {
            var pair = ($"{i}", i);
            if (waiting.Exchange<int>(ref pair, null!, looksUp: false, out _))
            {
                came.Add(pair.Item2);
            }
        }

        came.AddRange(waiting.Rest.Select(static pair => pair.Value));
        Assert.Equal(Enumerable.Range(0, 300), came.Skip(came.Count - 300));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Values_are_combined_in_order(string keys, bool fused, bool starved)
    {
        var pairs = PairsOf(keys);
        foreach (var partitions in (int[])[1, 5])
        {
            using var runner = new LocalRunner(1, fused, simulated: starved, starved: starved);
            var source = Source.Parallelize(runner, pairs, partitions);
            foreach (var rdd in (Rdd<(string? Key, long Value)>[])[source, source.Map(pair => (pair.Key, pair.Value)), source.Filter(pair => pair.Value >= 0)])
            {
                var joined = await rdd.AggregateByKey("", (text, value) => $"{text} {value % 7}", (a, b) => a + b).MapValues(text => text.Length).CollectAsync();
                Same.As(Sorted(Grouped(pairs, values => values.Sum(_ => 2))), Sorted(joined));
                var sums = await rdd.ReduceByKey((a, b) => a + b).CollectAsync();
                Same.As(Sorted(Grouped(pairs, values => values.Sum())), Sorted(sums));
                if (partitions == 1)
                {
                    var folded = await rdd.ReduceByKey((a, b) => unchecked((a * 31) + b)).CollectAsync();
                    Same.As(Sorted(Grouped(pairs, values => values.Aggregate((a, b) => unchecked((a * 31) + b)))), Sorted(folded));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Elements_are_found_once(string keys, bool fused, bool starved)
    {
        var texts = PairsOf(keys).Select(pair => pair.Key).ToArray();
        using var runner = new LocalRunner(1, fused, simulated: starved, starved: starved);
        var distinct = await Source.Parallelize(runner, texts, 3).Distinct().CollectAsync();
        Same.As(texts.Distinct().Order(StringComparer.Ordinal), distinct.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Groups_and_joins_have_all_values(string keys, bool fused, bool starved)
    {
        var pairs = PairsOf(keys);
        var other = pairs.Where(pair => pair.Value % 3 == 0).Select(pair => (pair.Key is null ? null : pair.Key + "", -pair.Value)).ToArray();
        using var runner = new LocalRunner(1, fused, simulated: starved, starved: starved);
        var (left, right) = (Source.Parallelize(runner, pairs, 3), Source.Parallelize<(string? Key, long Value)>(runner, other, 2));
        var groups = await left.GroupByKey().MapValues(values => values.Count).CollectAsync();
        Same.As(Sorted(Grouped(pairs, values => values.Count())), Sorted(groups));
        var rows = await left.Join(right).Map(row => (row.Key, row.Value.Left * 1_000_003 + row.Value.Right)).CollectAsync();
        var lookup = other.ToLookup(pair => pair.Item1 ?? "\0null", pair => pair.Item2);
        var expected = pairs.SelectMany(pair => lookup[pair.Key ?? "\0null"].Select(value => (pair.Key, (pair.Value * 1_000_003) + value)));
        Same.As(Sorted(expected), Sorted(rows));
    }

    /// <summary>Functions that can throw let nothing wait: the error names the element that it was called for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_error_names_its_element(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var failing = Source.Parallelize(runner, Enumerable.Range(0, 40_000).Select(i => ($"key {i / 2}", i)), 1)
            .ReduceByKey((a, b) => b == 30_001 ? throw new FormatException("thirty") : a + b);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => failing.CollectAsync());
        Assert.Equal(typeof(FormatException).FullName, error.Failure.TypeName);
        Assert.Equal(30_001, error.Failure.ElementIndex);
    }

    private static (string? Key, long Value)[] PairsOf(string keys)
    {
        var random = new Random(7);
        var count = keys switch { "none" => 0, "one" => 1, "as many as wait" => 32, "few" => 20_000, "long" => 3_000, _ => 60_000 };
        return [.. Enumerable.Range(0, count).Select(i => (KeyOf(keys, random), (long)i))];
    }

    private static string? KeyOf(string keys, Random random) => keys switch
    {
        "few" => $"word {random.Next(300)}",
        "odd" => random.Next(30) switch
        {
            0 => null,
            1 => "",
            2 => "\0",
            3 => "\0\0",
            4 => "\uD800",
            5 => "\uDC00\uD800",
            var other => $"{(char)random.Next(0xD7F0, 0xE010)}\0{random.Next(900)}{(other % 2 == 0 ? "\uD83D\uDE00" : "")}",
        },
        "long" => new string((char)('a' + random.Next(4)), 500 + random.Next(3)) + random.Next(40),
        _ => $"key {random.Next(30_000)}",
    };

    private static IEnumerable<(string? Key, C Value)> Grouped<C>((string? Key, long Value)[] pairs, Func<IEnumerable<long>, C> combine) =>
        pairs.GroupBy(pair => pair.Key, (key, of) => (key, combine(of.Select(pair => pair.Value))));

    private static IEnumerable<(string? Key, C Value)> Sorted<C>(IEnumerable<(string? Key, C Value)> pairs) =>
        pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).ThenBy(pair => pair.Value);
}
