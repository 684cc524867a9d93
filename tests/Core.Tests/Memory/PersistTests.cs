using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Memory;

/// <summary>Every level, with room for all, for some, and for nothing: the elements are the same.</summary>
public class PersistTests
{
    private const int PerPartition = 40_000;

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
