using MicroSpark.Model;
using MicroSpark.Sources;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>What a reducer reads is the same wherever the map outputs are, and all of it or nothing.</summary>
public sealed class BucketReaderTests
{
    private static readonly Action?[] s_drop = new Action?[1];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task Map_outputs_come_in_the_order_of_their_partitions(int workers, bool simulated)
    {
        using var runner = new LocalRunner(workers, fused: true, simulated);
        var numbers = Source.Range(runner, 0, 200_000, 1, 7).Map(static n => (Key: (int)(n % 3), Value: n));

        var parts = await numbers.PartitionBy(new HashPartitioner<int>(3)).Glom().CollectAsync();

        // Many frames of each block; within a bucket as the elements were made.
        Assert.Equal(200_000, parts.Sum(static p => p.Length));
        Assert.All(parts, static part => Assert.Equal(part.Select(static p => p.Value).Order(), part.Select(static p => p.Value)));
    }

    [Fact]
    public void Memory_of_several_chunks_is_read_by_runs_that_stay_and_by_nothing_else()
    {
        var block = new ChunkedBlock<int>([new[] { 1, 2 }, new[] { 3 }, new[] { 4 }], [2, 3], 0);
        using var reader = block.Read(0);

        Assert.True(reader.IsLasting);
        Assert.True(reader.NextLasting(out var first));
        Assert.True(reader.NextLasting(out var second));
        Assert.Equal([1, 2, 3], [.. first.ToArray(), .. second.ToArray()]);
        Assert.False(reader.NextLasting(out _));
    }

    [Fact]
    public async Task A_function_that_swallows_a_broken_input_does_not_make_a_result_of_what_it_saw()
    {
        var broken = 0;
        using var runner = new LocalRunner(2, fused: true, simulated: true)
        {
            // Whichever stream first brings a second frame breaks instead.
            Wrap = stream => new BreakingStream(stream, () => Interlocked.Exchange(ref broken, 1) == 0),
        };
        var counts = Source.Range(runner, 0, 200_000, 1, 4).Map(static n => ((int)(n % 2), n)).PartitionBy(new HashPartitioner<int>(2)).MapPartitions(Count);

        // Its task runs again, there or where the blocks are.
        Assert.Equal(200_000, (await counts.CollectAsync()).Sum());
        Assert.Equal(1, broken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_block_on_disk_that_goes_between_its_finding_and_its_opening_is_computed_again(bool shuffled)
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false, parallelism: 3, memoryBudget: 0);
        var numbers = Source.Range(runner, 0, 30_000, 1, 3).Map(static n => (n % 2, n));
        var kept = shuffled ? numbers.PartitionBy(new HashPartitioner<long>(1)) : numbers.Persist(StorageLevel.DiskOnly).Coalesce(1);
        var lineage = kept.Node.Parents[0].Lineage;
        var counted = kept.MapPartitions(static items => Count(items.Select(static item =>
        {
            s_drop[0]?.Invoke();
            return item;
        })));

        // Written after the lambda is declared: one that reads what the test wrote before is refused.
        s_drop[0] = () =>
        {
            // The reader has the first of three blocks open. The store still names the second one, as it does to who has just found it.
            s_drop[0] = null;
            var second = Assert.Single(runner.Workers[0].Blocks.Of(lineage), static held => held.Part.Partition == 1);
            Assert.True(second.Block.DiskBytes > 0);
            second.Block.Dispose();
        };

        var counts = await counted.CollectAsync();
        Assert.Equal([30_000], counts);
        Assert.Null(s_drop[0]);
        Assert.Equal(3 + 1 + 1 + 1, runner.Tasks);
    }

    private static IEnumerable<long> Count<T>(IEnumerable<T> items)
    {
        var count = 0L;
        try
        {
            foreach (var _ in items)
            {
                count++;
            }
        }
        catch (Exception e)
        {
            _ = e;
        }

        return [count];
    }

    /// <summary>Brings one frame, then breaks for good if it is told to.</summary>
    private sealed class BreakingStream(BlockStream inner, Func<bool> breaks) : BlockStream
    {
        private int _read;
        private bool _broken;

        public override async ValueTask<bool> NextAsync()
        {
            _broken |= ++_read == 2 && breaks();
            if (_broken)
            {
                throw new WorkerUnreachableException(new WorkerId("gone"));
            }

            var any = await inner.NextAsync();
            (Position, Header, Payload) = (inner.Position, inner.Header, inner.Payload);
            return any;
        }

        public override void Dispose() => inner.Dispose();
    }
}
