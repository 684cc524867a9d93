using MicroSpark.SharedVariables;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Actions;

/// <summary>A checkpoint stands for the lineage above it and changes nothing else.</summary>
public sealed class CheckpointTests
{
    private static readonly int[] s_computed = new int[1];

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task Once_saved_it_is_read_and_not_computed(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            using var folder = new TemporaryFolder();
            bench.Runner.CheckpointDirectory = folder.Path;
            var computed = SharedVariable.Register(bench.Runner, new LongAccumulator(), null);
            var squares = bench.Of(Enumerable.Range(0, 20)).Map(n =>
            {
                computed += 1;
                return (n % 4, n * n);
            });
            var lineage = squares.Lineage;
            var odd = squares.Filter(p => p.Item1 % 2 == 1);
            var expected = Enumerable.Range(0, 20).Select(n => (n % 4, n * n)).Where(p => p.Item1 % 2 == 1).ToArray();
            Assert.Same(squares, squares.Checkpoint());
            Assert.False(squares.IsCheckpointed);
            Assert.Equal(expected, await odd.CollectAsync());
            Assert.True(squares.IsCheckpointed);
            Assert.False(odd.IsCheckpointed);
            Assert.Equal(40, computed.Value);
            Assert.Equal(expected, await odd.CollectAsync());
            Assert.Equal(expected.Length, await squares.Map(p => p).Filter(p => p.Item1 % 2 == 1).CountAsync());
            Assert.Equal(4, await squares.ReduceByKey((a, b) => a + b, 3).CountAsync());
            Assert.Equal(40, computed.Value);
            Assert.Equal((lineage, bench.Partitions), (squares.Lineage, squares.NumPartitions));
            Assert.DoesNotContain("Parallelize", odd.ToDebugString(), StringComparison.Ordinal);
            Assert.Contains("Map (checkpointed)", odd.ToDebugString(), StringComparison.Ordinal);
        });

    [Fact]
    public async Task Only_its_owner_can_enter_what_is_made()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused: true, simulated: false) { CheckpointDirectory = folder.At("checkpoints") };
        await Source.Range(runner, 0, 10, 1, 2).Checkpoint().CountAsync();
        if (!OperatingSystem.IsWindows())
        {
            foreach (var path in (string[])[folder.At("checkpoints"), Assert.Single(Directory.GetDirectories(folder.At("checkpoints")))])
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            }
        }
    }

    [Fact]
    public async Task The_partitioner_is_kept()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(2, fused: true, simulated: true) { CheckpointDirectory = folder.Path };
        var sums = Source.Parallelize(runner, Enumerable.Range(0, 40), 4).Map(n => (n % 8, n)).ReduceByKey((a, b) => a + b, 3).Checkpoint();
        Assert.Equal(8, await sums.CountAsync());
        Assert.Equal(new HashPartitioner<int>(3), sums.Partitioner());
        var tasks = runner.Tasks;
        var joined = await sums.Join(sums.MapValues(v => v / 2)).CollectAsync();
        Assert.Equal(tasks + 3, runner.Tasks);
        Assert.Equal(8, joined.Length);
        Assert.All(joined, row => Assert.Equal(row.Value.Left / 2, row.Value.Right));
    }

    [Fact]
    public async Task What_has_no_partitions_ends_checkpointed()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused: true, simulated: false) { CheckpointDirectory = folder.Path };
        var nothing = Source.Empty<int>(runner).Map(n => n + 1).Checkpoint();
        var local = Source.Empty<int>(runner).Map(n => n + 2).LocalCheckpoint();
        Assert.Equal(0, await nothing.CountAsync());
        Assert.Empty(await local.CollectAsync());
        Assert.True(nothing.IsCheckpointed);
        Assert.True(local.IsCheckpointed);
        Assert.Empty(await nothing.CollectAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_local_checkpoint_keeps_all_partitions_and_raises_the_level(bool simulated)
    {
        using var runner = new LocalRunner(2, fused: true, simulated);
        var numbers = Source.Parallelize(runner, Enumerable.Range(0, 20), 4).Map(n => n * 2).LocalCheckpoint();
        Assert.Equal(StorageLevel.MemoryAndDisk, numbers.StorageLevel);
        Assert.Equal(StorageLevel.MemoryAndDiskSerialized2, Source.Parallelize(runner, [1], 1).Persist(StorageLevel.MemoryOnlySerialized2).LocalCheckpoint().StorageLevel);
        Assert.Equal(StorageLevel.DiskOnly, Source.Parallelize(runner, [1], 1).Persist(StorageLevel.DiskOnly).LocalCheckpoint().StorageLevel);
        Assert.Equal(StorageLevel.MemoryAndDisk, Source.Parallelize(runner, [1], 1).LocalCheckpoint().Persist(StorageLevel.MemoryOnly).StorageLevel);
        Assert.Equal(StorageLevel.MemoryAndDiskSerialized2, Source.Parallelize(runner, [1], 1).LocalCheckpoint().Persist(StorageLevel.MemoryOnlySerialized2).StorageLevel);
        Assert.Equal(0, await numbers.FirstAsync());
        Assert.True(numbers.IsCheckpointed);
        Assert.Equal(Enumerable.Range(0, 20).Select(n => n * 2), await numbers.CollectAsync());
        Assert.Equal("(4) Map [MemoryAndDisk] (checkpointed)", numbers.ToDebugString());

        await numbers.UnpersistAsync();
        var lost = await Assert.ThrowsAsync<TaskFailedException>(() => numbers.CollectAsync());
        Assert.Contains("Checkpoint()", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_failed_is_tried_again_by_the_next_action()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused: true, simulated: false) { CheckpointDirectory = folder.Path };
        s_computed[0] = 0;
        var numbers = Source.Parallelize(runner, Enumerable.Range(0, 4), 2).MapPartitions(items =>
        {
            if (Interlocked.Increment(ref s_computed[0]) == 4)
            {
                throw new IOException("the disk is full");
            }

            return items;
        }).Checkpoint();
        await Assert.ThrowsAsync<TaskFailedException>(() => numbers.CountAsync());
        Assert.False(numbers.IsCheckpointed);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
        Assert.Equal(4, await numbers.CountAsync());
        Assert.True(numbers.IsCheckpointed);
        Assert.Equal(8, s_computed[0]);
        Directory.Delete(Directory.EnumerateDirectories(folder.Path).Single(), recursive: true);
        await Assert.ThrowsAsync<TaskFailedException>(() => numbers.CountAsync());
    }

    [Fact]
    public void Without_a_directory_it_is_refused()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var error = Assert.Throws<InvalidOperationException>(() => Source.Parallelize(runner, [1], 1).Checkpoint());
        Assert.Contains("SetCheckpointDirectory", error.Message, StringComparison.Ordinal);
    }
}
