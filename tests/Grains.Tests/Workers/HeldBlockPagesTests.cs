using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Rdds;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>What a worker holds of a recipe is told below the limit of a message, however much it is.</summary>
public sealed class HeldBlockPagesTests : IDisposable
{
    private static readonly LineageId Lineage = new(1, 2);

    private readonly WorkerEngine _engine = new(
        new WorkerId("w"), new WorkerEngineOptions(1, Fused: true, SimulatedIsolation: false, long.MaxValue), null!, null!, new ManualTime());

    private readonly List<HeldBlocks> _pages = [];

    public void Dispose() => _engine.Dispose();

    [Fact]
    public async Task Many_blocks_are_several_pages()
    {
        for (var p = 199_999; p >= 0; p--)
        {
            Put(p, 1);
        }

        var held = await ReadAsync();
        Assert.Equal(Enumerable.Range(0, 200_000), held.Blocks.Select(static b => b.Partition));
        Assert.Equal(7, held.NumPartitions);
        Assert.InRange(_pages.Count, 4, 8);
    }

    [Fact]
    public async Task What_tasks_added_takes_room_too_and_a_partition_is_in_one_page()
    {
        for (var p = 0; p < 3000; p++)
        {
            Put(p, 1, 1000);
            Put(p, 2, 1000);
        }

        var held = await ReadAsync();
        Assert.Equal(6000, held.Blocks.Length);
        Assert.InRange(_pages.Count, 3, 5);
        Assert.All(_pages, static page => Assert.InRange(page.Blocks.Sum(static b => b.Updates!.Length), 1, Pages.Largest + 2000));
        Assert.Equal(3000, _pages.Sum(static page => page.Blocks.Select(static b => b.Partition).Distinct().Count()));
    }

    /// <summary>One of a few hundred workers holds far apart partitions of a large recipe.</summary>
    [Fact]
    public async Task Partitions_far_apart_are_found()
    {
        int[] some = [3, 100_000, 100_001, 5_000_000, int.MaxValue - 1];
        Assert.All(some, p => Put(p, 1));
        Assert.Equal(some, (await ReadAsync()).Blocks.Select(static b => b.Partition));
        Assert.Empty((await new Paged(this).BlocksOfAsync(new LineageId(9, 9), 0)).Blocks);
    }

    private void Put(int partition, int attempt, int updates = 0) => _engine.Blocks.Put(
        new BlockId(Lineage, partition, new AttemptId(attempt)), new DroppedResult(1) { Updates = updates == 0 ? null : new byte[updates] },
        BlockKeeping.MayGoToDisk);

    private async Task<HeldBlocks> ReadAsync() => await HeldPages.ReadAsync(new Paged(this).BlocksOfAsync, Lineage);

    private sealed class Paged(HeldBlockPagesTests test)
    {
        public Task<HeldBlocks> BlocksOfAsync(LineageId lineage, int from)
        {
            var page = HeldBlockPages.Page(test._engine.Blocks, lineage, 7, from);
            test._pages.Add(page);
            return Task.FromResult(page);
        }
    }
}
