using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Plans;

public sealed class LineageTests : IDisposable
{
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public void The_same_program_gives_the_same_id() => Assert.Equal(Program(3, [1, 2, 3]).Lineage, Program(3, [1, 2, 3]).Lineage);

    [Fact]
    public void A_captured_value_an_argument_and_the_data_tell_recipes_apart()
    {
        var ids = new[] { Program(3, [1, 2, 3]), Program(4, [1, 2, 3]), Program(3, [1, 2, 4]), Program(3, [1, 2, 3], partitions: 5) }.Select(r => r.Lineage);
        Assert.Equal(4, ids.Distinct().Count());
    }

    [Fact]
    public void Another_lambda_is_another_recipe()
    {
        var rdd = Source.Parallelize(_runner, [1, 2, 3], 2);
        Assert.NotEqual(rdd.Map(x => x + 1).Lineage, rdd.Map(x => x + 2).Lineage);
        Assert.NotEqual(rdd.Map(x => x + 1).Lineage, rdd.Filter(x => x > 1).Lineage);
    }

    [Fact]
    public void Name_and_storage_level_are_not_part_of_it()
    {
        var before = Program(3, [1, 2, 3]).Lineage;
        Assert.Equal(before, Program(3, [1, 2, 3]).SetName("mine").Cache().Lineage);
    }

    [Fact]
    public void A_file_that_changed_is_another_source()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, "a\nb\n");
            LineageId Lengths() => Source.TextFile(_runner, path, 2).Map(x => x.Length).Lineage;
            var first = Lengths();
            Assert.Equal(first, Lengths());
            File.WriteAllText(path, "a\nb\nc\n");
            Assert.NotEqual(first, Lengths());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_missing_file_is_an_error_of_the_action_alone()
    {
        var counts = Source.TextFile(_runner, "/no/such/file", null).FlatMap(line => line.Split(' ')).KeyBy(w => w).GroupByKey().MapValues(v => v.Count);
        Assert.Equal("MapValues", counts.Name);
        Assert.Equal(StorageLevel.MemoryOnly, counts.Cache().StorageLevel);
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => counts.CollectAsync());
        Assert.Contains("/no/such/file", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => counts.NumPartitions);
    }

    [Fact]
    public void Data_above_a_megabyte_gets_an_id_of_its_own()
    {
        var data = new long[200_000];
        Assert.NotEqual(Source.Parallelize(_runner, data, 2).Lineage, Source.Parallelize(_runner, data, 2).Lineage);
    }

    [Fact]
    public async Task A_recipe_may_be_ten_thousand_operators_deep()
    {
        var rdd = Source.Parallelize(_runner, [1, 2, 3], 2);
        for (var i = 0; i < 10_000; i++)
        {
            rdd = rdd.Map(x => x + 1);
        }

        Assert.Equal(new[] { 10_001, 10_002, 10_003 }, await rdd.CollectAsync());
    }

    [Fact]
    public async Task A_union_may_be_built_up_one_by_one()
    {
        var rdd = Source.Parallelize(_runner, [0], 1);
        for (var i = 1; i < 1_000; i++)
        {
            rdd = rdd.Union(Source.Parallelize(_runner, [i], 1));
        }

        Assert.Equal(1_000, rdd.NumPartitions);
        Assert.Equal(Enumerable.Range(0, 1_000), await rdd.CollectAsync());
    }

    [Fact]
    public async Task Ten_thousand_partitions() => Assert.Equal(100, await Source.Range(_runner, 0, 100, 1, 10_000).CountAsync());

    [Theory]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue, 3)]
    [InlineData(10, 0, -3, 4)]
    [InlineData(0, 10, -1, 0)]
    [InlineData(5, 5, 1, 0)]
    [InlineData(long.MaxValue - 2, long.MaxValue, 1, 2)]
    public async Task Ranges_at_the_edges(long start, long end, long step, int count)
    {
        var numbers = await Source.Range(_runner, start, end, step, 3).CollectAsync();
        Assert.Equal(Enumerable.Range(0, count).Select(i => unchecked(start + (i * step))), numbers);
    }

    private Rdd<string> Program(int factor, int[] data, int partitions = 4) =>
        Source.Parallelize(_runner, data, partitions).Map(x => x * factor).KeyBy(x => x % 2).ReduceByKey((a, b) => a + b).Map(p => $"{p.Key}={p.Value}");
}
