using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Plans;

public sealed class LineageTextTests : IDisposable
{
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public void A_shuffle_begins_a_stage_and_what_is_persisted_says_so()
    {
        var counts = Source.Parallelize(_runner, ["a b", "b"], 4).FlatMap(line => line.Split(' ')).Cache().Map(w => (w, 1)).SetName("pairs")
            .ReduceByKey((a, b) => a + b, partitions: 2).MapValues(v => v + 1);
        Assert.Equal(
            """
            (2) MapValues
             |  ReduceByKey
             +-(4) "pairs" Map
                |  FlatMap [MemoryOnly]
                |  Parallelize
            """.ReplaceLineEndings("\n"),
            Normal(counts.ToDebugString()));
    }

    [Fact]
    public void A_parent_used_twice_is_drawn_once()
    {
        var rdd = Source.Parallelize(_runner, [1, 2], 2);
        for (var i = 0; i < 40; i++)
        {
            rdd = rdd.Union(rdd).Coalesce(2);
        }

        Assert.Equal(1 + (40 * 3), rdd.ToDebugString().Split('\n').Length);
        Assert.Contains("(as above)", rdd.ToDebugString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_steps_are_ten_thousand_lines()
    {
        var rdd = Source.Parallelize(_runner, [1, 2], 2);
        for (var i = 0; i < 10_000; i++)
        {
            rdd = rdd.Filter(x => x > 0);
        }

        Assert.Equal(10_001, rdd.ToDebugString().Split('\n').Length);
    }

    [Fact]
    public void A_sort_shows_its_input_once()
    {
        var sorted = Source.Parallelize(_runner, [2, 1], 3).SortBy(x => x, partitions: 2);
        Assert.Equal(1, sorted.ToDebugString().Split('\n').Count(l => l.Contains("Parallelize", StringComparison.Ordinal)));
    }

    private static string Normal(string text) => string.Join('\n', text.Split('\n').Select(l => l.TrimEnd()));
}
