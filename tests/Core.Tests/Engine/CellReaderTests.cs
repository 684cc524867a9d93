using MicroSpark.Engine;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Shuffle;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

/// <summary>A bucket's elements come in the order of the map partitions (law 2), whatever their cells are and wherever their blocks lie by now.</summary>
public sealed class CellReaderTests : IDisposable
{
    private const int Buckets = 20;
    private static readonly LineageId Lineage = BlobName.Of("shuffle"u8).Hash;

    private const int Budget = 1 << 20;

    private readonly LocalRunner _runner = new(1, fused: true, simulated: false, memoryBudget: Budget);
    private readonly TaskCounters _counters = new();

    public void Dispose() => _runner.Dispose();

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(2, 33, 1)]
    [InlineData(3, 100, 40)]
    [InlineData(4, 70, 12_000)]
    [InlineData(5, 500, 30_000)]
    public void Cells_of_any_length_come_in_order(int seed, int maps, int mostElements)
    {
        var random = new Random(seed);
        var (map, expected) = Shuffle(random, maps, mostElements);
        for (var b = 0; b < Buckets; b++)
        {
            Assert.Equal(expected[b], Read(map, b, random));
            Assert.Equal(expected[b], ReadLasting(map, b));
        }
    }

    /// <summary>Who gathers cells keeps no blocks in memory: those that have gone to disk are read there.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void Blocks_that_go_to_disk_while_a_reader_is_at_work_are_read_there(int before)
    {
        var random = new Random(6);
        var (map, expected) = Shuffle(random, 90, 3_000);
        using var reader = Open(map, 3);
        var read = new List<int>();
        while (read.Count < before && reader.Next(before, out var run))
        {
            read.AddRange(run);
        }

        foreach (var worker in _runner.Workers)
        {
            var other = new BucketBlock<int>(new int[Budget], Budget);
            worker.Blocks.Put(new BlockId(BlobName.Of("other"u8).Hash, 0, new AttemptId(1)), other, BlockKeeping.MayGoToDisk);
        }

        Assert.All(Enumerable.Range(0, 90), p => Assert.IsNotType<BucketBlock<int>>(BlockOf(p)));
        while (reader.Next(int.MaxValue, out var run))
        {
            read.AddRange(run);
        }

        Assert.Equal(expected[3], read);
    }

    [Fact]
    public void A_block_that_is_gone_is_named()
    {
        var (map, _) = Shuffle(new Random(7), 90, 3_000);
        var index = IndexOf(map);
        Assert.True(_runner.Workers[0].Blocks.Remove(new BlockId(Lineage, 40, new AttemptId(140))));
        using var reader = Open(map, 3, index);
        var lost = Assert.Throws<InputLostException>(() =>
        {
            while (reader.Next(int.MaxValue, out _))
            {
                // Those before it are there.
            }
        });
        Assert.Equal([40], lost.Blocks.Select(static b => b.Partition));
    }

    [Fact]
    public void What_is_read_is_counted()
    {
        var (map, expected) = Shuffle(new Random(8), 200, 400);
        for (var b = 0; b < Buckets; b++)
        {
            Read(map, b, new Random(b));
        }

        Assert.InRange(_counters.ShuffleRead, sizeof(int) * expected.Sum(static e => e.Count), long.MaxValue);
    }

    private (BlockMap Map, List<int>[] Expected) Shuffle(Random random, int maps, int mostElements)
    {
        var expected = Enumerable.Range(0, Buckets).Select(_ => new List<int>()).ToArray();
        var map = new BlockMap(Lineage, 1, [.. _runner.Workers.Select(w => w.Id)], new short[maps], new long[maps]);
        for (var p = 0; p < maps; p++)
        {
            var builder = new BucketBuilder<int>(Buckets);
            var count = random.Next(mostElements + 1);
            for (var i = 0; i < count; i++)
            {
                var bucket = random.Next(Buckets);
                builder.Add(random.Next(), bucket, 0);
            }

            map.AttemptOf[p] = p + 100;
            var block = builder.Build();
            for (var b = 0; b < Buckets; b++)
            {
                using var reader = ((ElementBlock<int>)block).Read(b);
                while (reader.Next(int.MaxValue, out var run))
                {
                    expected[b].AddRange(run);
                }
            }

            _runner.Workers[0].Blocks.Put(new BlockId(Lineage, p, new AttemptId(p + 100)), block, BlockKeeping.MayGoToDisk);
        }

        return (map, expected);
    }

    private Block BlockOf(int p) =>
        _runner.Workers[0].Blocks.TryGet(new BlockId(Lineage, p, new AttemptId(p + 100)), out var block)
            ? block
            : throw new KeyNotFoundException();

    private BlockIndex IndexOf(BlockMap map) => BlockIndex.Build(map, at => _runner.Workers.Single(w => w.Id == at).Stores);

    private BucketReader<int> Open(BlockMap map, int bucket, BlockIndex? index = null) => new(
        map, index ?? IndexOf(map), bucket, new RemoteBlocks<int>?[map.Workers.Length],
        new LocalBlocks(_runner.Workers[0].Stores, _runner.Workers[0].Code, _runner, _counters));

    private List<int> Read(BlockMap map, int bucket, Random random)
    {
        using var reader = Open(map, bucket);
        var read = new List<int>();
        while (reader.Next(random.Next(1, 3_000), out var run))
        {
            Assert.False(run.IsEmpty);
            read.AddRange(run);
        }

        return read;
    }

    private List<int> ReadLasting(BlockMap map, int bucket)
    {
        using var reader = Open(map, bucket);
        var runs = new List<ReadOnlyMemory<int>>();
        while (true)
        {
            if (reader.NextLasting(out var lasting))
            {
                runs.Add(lasting);
            }
            else if (reader.Next(int.MaxValue, out var run))
            {
                runs.Add(run.ToArray());
            }
            else
            {
                return [.. runs.SelectMany(static r => r.ToArray())];
            }
        }
    }
}
