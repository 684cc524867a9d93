using MicroSpark.Tasks;

namespace MicroSpark.Tests.Contexts;

/// <summary>What a job says that it read, wrote and spilled.</summary>
public sealed class TrafficTests : IDisposable
{
    private const long Count = 400_000;
    private const long Bytes = Count * 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task A_shuffle_is_written_once_and_read_once(int silos, bool simulated)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(silos, options =>
        {
            options.Isolation = simulated ? Isolation.Simulated : Isolation.Process;
            options.Slots = 2 / silos;
        });

        // Two at a time, so that each of two silos has its half. Isolated silos have statics of their own: the name is the process's.
        AppContext.SetData("TrafficTests", new Barrier(2));
        var pairs = spark.Range(0, Count, 1, 4).MapPartitions(static numbers =>
        {
            ((Barrier)AppContext.GetData("TrafficTests")!).SignalAndWait();
            return numbers;
        }).Map(static n => (n, n)).PartitionBy(new HashPartitioner<long>(4));

        var stages = await StagesOf(spark, () => pairs.CountAsync());

        var (write, read) = (Of("PartitionBy", stages), Of("Count", stages));
        Assert.InRange(write.ShuffleWritten, Bytes, Bytes * 11 / 10);
        Assert.InRange(read.ShuffleRead, Bytes * 99 / 100, Bytes * 11 / 10);
        Assert.Equal((0, 0, 0, 0), (write.Input, write.ShuffleRead, read.Input, read.ShuffleWritten));
        Assert.Equal(0, write.Spilled + read.Spilled);
        Assert.Equal((0, Count), (write.ReadRecords, read.ReadRecords));
        if (silos == 1)
        {
            Assert.Equal(0, read.RemoteRead);
        }
        else
        {
            Assert.InRange(read.RemoteRead, Bytes / 10, read.ShuffleRead);
        }

        // The next job finds the map side's output there, and has written nothing.
        var again = await StagesOf(spark, () => pairs.CountAsync());
        Assert.Equal(0, again.Sum(static s => s.Traffic.ShuffleWritten));

        // What a silo reads of its own blocks is their share of the block, rounded: which buckets these are may differ.
        const int Cells = 4 * 4;
        Assert.InRange(again.Sum(static s => s.Traffic.ShuffleRead), read.ShuffleRead - Cells, read.ShuffleRead + Cells);
    }

    [Fact]
    public async Task Files_and_persisted_partitions_are_input()
    {
        var path = Path.Join(_folder, "lines.txt");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 10_000).Select(static n => $"line {n}"));
        var length = new FileInfo(path).Length;
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var lengths = spark.TextFile(path, 3).Map(static line => (long)line.Length).Cache();

        var first = await StagesOf(spark, () => lengths.SumAsync());
        var second = await StagesOf(spark, () => lengths.SumAsync());

        // Splits look a little beyond their ends, and chunks of a kept partition have room left.
        Assert.InRange(Of("Map", first).Input, length, 2 * length);
        Assert.InRange(Of("Sum", first).Input, 10_000 * sizeof(long), 2 * 10_000 * sizeof(long));
        Assert.Equal((0, Of("Sum", first).Input), (Of("Map", second).Input, Of("Sum", second).Input));
        Assert.Equal((0, 10_000, 10_000), (Of("Map", first).ReadRecords, Of("Sum", first).ReadRecords, Of("Sum", second).ReadRecords));
    }

    [Fact]
    public async Task What_does_not_fit_is_spilled_and_what_belongs_on_disk_is_not()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(1, options =>
        {
            options.Slots = 2;
            options.MemoryBudget = "16MB";
            options.SpillDirectory = _folder;
        });
        var numbers = spark.Range(0, 4_000_000, 1, 4);

        var sorted = await StagesOf(spark, () => numbers.Map(static n => n * 7919 % 4_000_000).SortBy(static n => n).Map(static n => n).CountAsync());
        var kept = await StagesOf(spark, () => numbers.Persist(StorageLevel.DiskOnly).CountAsync());

        Assert.InRange(sorted.Sum(static s => s.Traffic.Spilled), 8 << 20, 160 << 20);
        Assert.Equal(0, kept.Sum(static s => s.Traffic.Spilled));
    }

    /// <summary>The stages of the one job that the action runs, or of its last one, as they ended.</summary>
    private static async Task<StageProgress[]> StagesOf(MicroSparkContext spark, Func<Task> action)
    {
        JobProgress? last = null;
        void Note(JobProgress progress) => last = progress.Ended ? progress : last;
        spark.Progress += Note;
        await action();
        spark.Progress -= Note;
        return [.. last!.Stages];
    }

    private static TaskTraffic Of(string name, StageProgress[] stages) => Assert.Single(stages, s => s.Operator == name).Traffic;
}
