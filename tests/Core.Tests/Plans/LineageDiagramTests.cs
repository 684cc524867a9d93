using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Plans;

/// <summary>A recipe as a Mermaid flowchart.</summary>
public sealed class LineageDiagramTests : IDisposable
{
    private readonly LocalRunner _runner = new(1, true, false);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public void A_shuffle_is_a_thick_arrow()
    {
        var counts = Source.Parallelize(_runner, [1, 2], 4).Map(i => (Key: i % 3, Value: 1)).ReduceByKey((a, b) => a + b, partitions: 2);
        Assert.Equal(
            "flowchart LR\n    n0[\"ReduceByKey<br/>2\"]\n    n1[\"Map<br/>4\"]\n    n2[\"Parallelize<br/>4\"]\n    n1 ==> n0\n    n2 --> n1\n", counts.ToMermaid());
    }

    [Fact]
    public void A_parent_that_is_used_twice_is_one_box()
    {
        var numbers = Source.Parallelize(_runner, [1, 2], 2);
        for (var i = 0; i < 40; i++)
        {
            numbers = numbers.Union(numbers).Coalesce(2);
        }

        Assert.Equal(1 + (40 * 2), numbers.ToMermaid().Split('\n').Count(line => line.Contains('[', StringComparison.Ordinal)));
    }

    [Fact]
    public void A_name_ends_no_box()
    {
        var named = Source.Parallelize(_runner, [1, 2], 2).SetName("a\"]; <b>#1");
        Assert.Contains("n0[\"#34;a#34;#93;#59; #60;b#62;#35;1#34; Parallelize<br/>2\"]", named.ToMermaid(), StringComparison.Ordinal);
    }
}
