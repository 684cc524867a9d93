using System.Diagnostics;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>What the workers' settings allow a name: one who wants more is told which setting says no, and nobody else is held up.</summary>
public sealed class QuotaTests : IDisposable
{
    /// <summary>Of 8 bytes: four times ann's part of the memory, and eight times her part of the disk.</summary>
    private const long Elements = 8 << 20;

    private readonly SqliteDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Who_wants_more_than_his_quota_is_refused_and_others_go_on()
    {
        var secrets = new NamedSecrets(_database, ("ann", "Submit", true), ("bob", "Submit", true));
        await using var silo = await SiloProcess.StartAsync(
        [
            .. secrets.Settings, "--MicroSpark:Slots=2", "--MicroSpark:Secrets:0:MaxJobs=1", "--MicroSpark:Secrets:0:MaxUploads=40MB",
            "--MicroSpark:MemoryBudget=512MB", "--MicroSpark:Secrets:0:MaxMemory=16MB", "--MicroSpark:Secrets:0:MaxSpill=8MB",
            "--MicroSpark:Secrets:0:Weight=10",
        ]);
        await using var ann = await secrets.ConnectAsync("ann");
        await using var bob = await secrets.ConnectAsync("bob");
        await JobsAsync(ann, bob);
        await SharesAsync(ann, bob);
        await MemoryAsync(ann, bob);
        await SpillAsync(ann, bob);
        await UploadsAsync(ann, bob);
        silo.Terminate();
        await silo.WaitForExitAsync();
        Assert.Contains("Audit: denied ann from ", silo.Errors, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:Secrets:0:MaxJobs", silo.Errors, StringComparison.Ordinal);
    }

    private static async Task JobsAsync(MicroSparkContext ann, MicroSparkContext bob)
    {
        await using var gate = new Gate();
        var port = gate.Port;
        var held = ann.Range(0, 10, 1, 1).Map(n =>
        {
            Gate.Pass(port);
            return n;
        }).CountAsync();
        await await Task.WhenAny(gate.ArrivedAsync(), held);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ann.Range(0, 5, 1, 1).CountAsync());
        Assert.Contains("MicroSpark:Secrets:0:MaxJobs is 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, await bob.Range(0, 5, 1, 1).CountAsync());
        gate.Open();
        Assert.Equal(10, await held);
        Assert.Equal(5, await ann.Range(0, 5, 1, 1).CountAsync());
    }

    private static async Task UploadsAsync(MicroSparkContext ann, MicroSparkContext bob)
    {
        var much = new byte[41 << 20];
        new Random(7).NextBytes(much);
        var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Sizes(ann).CollectAsync());
        Assert.Contains("MicroSpark:Secrets:0:MaxUploads", refused.Message, StringComparison.Ordinal);
        Assert.Contains("40.0 MB", refused.Message, StringComparison.Ordinal);
        Assert.Equal([much.Length], await Sizes(bob).CollectAsync());
        Assert.Equal(5, await ann.Range(0, 5, 1, 1).CountAsync());

        Rdd<int> Sizes(MicroSparkContext spark)
        {
            var value = spark.Broadcast(much);
            return spark.Range(0, 1, 1, 1).Map(_ => value.Value.Length);
        }
    }

    /// <summary>
    /// A share is of slot time, and all tasks are alike: while both have tasks, more of ann's end. Not ten for each of bob's: a slot that
    /// waits for ann's next tasks takes one of his.
    /// </summary>
    private static async Task SharesAsync(MicroSparkContext ann, MicroSparkContext bob)
    {
        var ends = await Task.WhenAll(EndsAsync(ann), EndsAsync(bob));
        var (from, to) = (ends.Max(static e => e.Min()), ends.Min(static e => e.Max()));
        var (anns, bobs) = (Within(ends[0]), Within(ends[1]));
        Assert.True(4 * anns > 5 * bobs, $"{anns} tasks of ann's ended while {bobs} of bob's did.");

        int Within(long[] all) => all.Count(end => end >= from && end <= to);

        static Task<long[]> EndsAsync(MicroSparkContext spark) => spark.Range(0, 150, 1, 150).Map(static _ => End()).CollectAsync();
    }

    private static long End()
    {
        var sum = 1L;
        for (var i = 0; i < 8_000_000; i++)
        {
            sum += i ^ (sum >> 1);
        }

        return sum == 0 ? 0 : Stopwatch.GetTimestamp();
    }

    private static async Task MemoryAsync(MicroSparkContext ann, MicroSparkContext bob)
    {
        var (anns, bobs) = (Large(ann, StorageLevel.MemoryOnly), Large(bob, StorageLevel.MemoryOnly));
        Assert.Equal(Elements, await bobs.CountAsync());
        var before = (await bob.WorkersAsync())[0].MemoryUsed;
        Assert.InRange(before, Elements * sizeof(long), Elements * sizeof(long) * 5 / 4);
        Assert.Equal(Elements, await anns.CountAsync());
        Assert.InRange((await bob.WorkersAsync())[0].MemoryUsed - before, 1, 16 << 20);
        await anns.UnpersistAsync();
        await bobs.UnpersistAsync();
    }

    private static async Task SpillAsync(MicroSparkContext ann, MicroSparkContext bob)
    {
        var error = await Assert.ThrowsAsync<JobFailedException>(() => Large(ann, StorageLevel.DiskOnly).CountAsync());
        Assert.Contains("MicroSpark:Secrets:0:MaxSpill", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Elements, await Large(bob, StorageLevel.DiskOnly).CountAsync());
        Assert.Equal(5, await ann.Range(0, 5, 1, 1).CountAsync());
    }

    private static Rdd<long> Large(MicroSparkContext spark, StorageLevel level) =>
        spark.Range(0, Elements, 1, 32).Map(static n => n * 7).Persist(level);
}
