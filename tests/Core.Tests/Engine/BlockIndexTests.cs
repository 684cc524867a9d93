using MicroSpark.Engine;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Shuffle;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>The index names, in order, every partition that has something for a bucket, and no sparse one that has nothing.</summary>
public sealed class BlockIndexTests
{
    private const int Buckets = 50;
    private static readonly LineageId Lineage = BlobName.Of("shuffle"u8).Hash;

    [Theory]
    [InlineData(1, 12, 3)]
    [InlineData(2, 40, 1)]
    [InlineData(3, 7, 200)]
    [InlineData(4, 0, 5)]
    public void Each_bucket_finds_its_partitions_in_order(int seed, int maps, int mostElements)
    {
        var random = new Random(seed);
        using var runner = new LocalRunner(2, fused: true, simulated: false);
        var workers = runner.Workers;
        var expected = Enumerable.Range(0, Buckets).Select(_ => new List<int>()).ToArray();
        var map = new BlockMap(Lineage, 1, [.. workers.Select(w => w.Id)], new short[maps], new long[maps]);
        for (var p = 0; p < maps; p++)
        {
            var builder = new BucketBuilder<int>(Buckets);
            var count = random.Next(mostElements + 1);
            for (var i = 0; i < count; i++)
            {
                builder.Add(i, random.Next(Buckets), 0);
            }

            var block = builder.Build();
            map.WorkerOf[p] = (short)random.Next(2);
            map.AttemptOf[p] = p + 100;
            workers[map.WorkerOf[p]].Blocks.Put(new BlockId(Lineage, p, new AttemptId(p + 100)), block, BlockKeeping.MayGoToDisk);
            for (var b = 0; b < Buckets; b++)
            {
                if (Has(block, b))
                {
                    expected[b].Add(p);
                }
            }
        }

        var index = BlockIndex.Build(map, at => workers.Single(w => w.Id == at).Stores);

        Assert.All(index.Remote, Assert.Null);
        for (var b = 0; b < Buckets; b++)
        {
            var named = Named(index, b);
            Assert.Equal(named.Order(), named);
            Assert.Equal(expected[b], named.Where(p => Has(BlockOf(p), b)));
            Assert.DoesNotContain(named, p => !BlockOf(p).Listed.IsEmpty && !Has(BlockOf(p), b));
        }

        Block BlockOf(int p) =>
            workers[map.WorkerOf[p]].Blocks.TryGet(new BlockId(Lineage, p, new AttemptId(p + 100)), out var block) ? block : throw new KeyNotFoundException();

        static bool Has(Block block, int bucket) => ((ElementBlock<int>)block).Read(bucket).Next(1, out _);
    }

    [Fact]
    public void Partitions_of_other_processes_are_asked_for_and_looked_at_by_everyone()
    {
        using var runner = new LocalRunner(2, fused: true, simulated: false);
        var here = runner.Workers[0];
        var map = new BlockMap(Lineage, 1, [here.Id, new WorkerId("far")], [1, 0, 1], [1, 1, 1]);
        here.Blocks.Put(new BlockId(Lineage, 1, new AttemptId(1)), new BucketBlock<int>([5], [1], [7], Buckets, 0), BlockKeeping.MayGoToDisk);

        var index = BlockIndex.Build(map, at => at == here.Id ? here.Stores : null);

        Assert.Null(index.Remote[0]);
        Assert.Equal([0, 2], index.Remote[1]!.Partitions);
        Assert.Equal([new BlockPart(0, new AttemptId(1)), new BlockPart(2, new AttemptId(1))], index.Remote[1]!.List.Blocks);
        Assert.Equal([0, 1, 2], Named(index, 7));
        Assert.Equal([0, 2], Named(index, 8));
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var here = runner.Workers[0];
        var map = new BlockMap(Lineage, 1, [here.Id], [0, -1, 0], [1, 0, 1]);
        here.Blocks.Put(new BlockId(Lineage, 0, new AttemptId(1)), new BucketBlock<int>([5], 1), BlockKeeping.MayGoToDisk);

        Assert.Equal([1, 2], Assert.Throws<InputLostException>(() => BlockIndex.Build(map, _ => here.Stores)).Blocks.Select(static b => b.Partition));
    }

    /// <summary>On 64 slots each of 64 tasks made the whole index for itself.</summary>
    [Fact]
    public async Task All_tasks_share_one_index_and_look_again_after_a_loss()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var here = runner.Workers[0];
        var map = new BlockMap(Lineage, 1, [here.Id], [0], [1]);
        using var asked = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        var builds = 0;
        var indexes = new BlockIndexes(_ =>
        {
            Interlocked.Increment(ref builds);
            asked.Set();
            answer.Wait();
            return here.Stores;
        });
        var first = Task.Run(() => indexes.Of(map));
        asked.Wait();
        var others = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => indexes.Of(map), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        answer.Set();
        await Assert.ThrowsAsync<InputLostException>(() => first);
        await Task.WhenAll(others.Select(static other => Assert.ThrowsAsync<InputLostException>(() => other)));
        Assert.InRange(builds, 1, 5);

        here.Blocks.Put(new BlockId(Lineage, 0, new AttemptId(1)), new BucketBlock<int>([5], 1), BlockKeeping.MayGoToDisk);
        builds = 0;
        var found = indexes.Of(map);
        Assert.Same(found, indexes.Of(map));
        Assert.Equal(1, builds);
    }

    private static List<int> Named(BlockIndex index, int bucket)
    {
        var named = new List<int>();
        for (var cursor = index.Of(bucket); cursor.MoveNext();)
        {
            named.Add(cursor.Current);
        }

        return named;
    }
}
