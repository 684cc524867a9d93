using MicroSpark.Sources;
using MicroSpark.Storage;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Memory;

/// <summary>Every level, with room for all, for some, and for nothing: the elements are the same.</summary>
public class PersistTests
{
    private const int PerPartition = 40_000;

    private static readonly int[] s_calls = new int[1];

    public static TheoryData<string, long> LevelsAndRoom()
    {
        var data = new TheoryData<string, long>();
        foreach (var level in StorageLevel.All.Where(l => l != StorageLevel.None))
        {
            foreach (var budget in new[] { 1L << 30, 2 << 20, 0 })
            {
                data.Add(level.ToString(), budget);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(LevelsAndRoom))]
    public async Task A_persisted_rdd_is_read_twice_and_is_what_it_was(string level, long budget)
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false, memoryBudget: budget);
        var numbers = Source.Range(runner, 0, 6 * PerPartition, 1, 6).Map(i => (i, $"text {i}")).Persist(StorageLevel.Parse(level));
        var expected = Enumerable.Range(0, 6 * PerPartition).Select(i => ((long)i, $"text {i}")).ToArray();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(expected.Length, await numbers.CountAsync());
            Same.As(expected, await numbers.CollectAsync());
        }
    }

    [Theory]
    [InlineData("MemoryOnly", 0)]
    [InlineData("MemoryOnly", 1 << 20)]
    [InlineData("MemoryOnlySerialized", 0)]
    [InlineData("MemoryOnlySerialized", 1 << 20)]
    public async Task Without_disk_nothing_is_written_and_what_does_not_fit_is_computed_by_who_reads_it(string level, long budget)
    {
        foreach (var simulated in new[] { false, true })
        {
            using var runner = new LocalRunner(3, fused: !simulated, simulated, memoryBudget: budget);
            var runs = Source.Range(runner, 0, 6 * PerPartition, 1, 6).Map(i => (i, $"text {i}")).Persist(StorageLevel.Parse(level));
            var expected = Enumerable.Range(0, 6 * PerPartition).Select(i => ((long)i, $"text {i}")).ToArray();
            for (var round = 0; round < 2; round++)
            {
                Same.As(expected, await runs.Filter(row => row.i >= 0).CollectAsync());
                Assert.Equal(expected[70_000..70_003], (await runs.Coalesce(1).Filter(row => row.i >= 70_000).TakeAsync(3)));
            }

            Assert.All(runner.Workers, worker => Assert.All(worker.Blocks.Of(runs.Lineage), held => Assert.Equal(0, held.Block.DiskBytes)));
            Assert.Contains(runner.Workers, worker => worker.Blocks.Of(runs.Lineage).Any(static held => held.Block is UnkeptBlock));
        }
    }

    [Fact]
    public async Task What_fails_inside_a_partition_that_was_not_kept_names_its_operator()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false, memoryBudget: 0);
        s_calls[0] = 0;
        var divided = Source.Range(runner, 0, 10, 1, 1).Map(i => Interlocked.Increment(ref s_calls[0]) < 15 ? $"{i}" : throw new FormatException($"{i}")).Cache();
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => divided.Filter(text => text.Length > 0).CountAsync());
        Assert.Equal("Map", error.Failure.Operator);
    }

    [Fact]
    public async Task Values_without_references_too_and_they_stay_within_the_budget()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false, memoryBudget: 4 << 20);
        var numbers = Source.Range(runner, 0, 4_000_000, 1, 16).Persist(StorageLevel.MemoryAndDisk);
        Assert.Equal(7_999_998_000_000, await numbers.SumAsync());
        Assert.InRange(runner.BlockBytes, 1 << 20, 4 << 20);
        Assert.Equal(7_999_998_000_000, await numbers.SumAsync());
        Assert.Equal(16 + 16 + 16, runner.Tasks);
    }
}
