using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>What the workers' settings allow a name: one who wants more is told which setting says no, and nobody else is held up.</summary>
public sealed class QuotaTests : IDisposable
{
    private readonly SqliteDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Who_wants_more_than_his_quota_is_refused_and_others_go_on()
    {
        var secrets = new NamedSecrets(_database, ("ann", "Submit", true), ("bob", "Submit", true));
        await using var silo = await SiloProcess.StartAsync(
        [
            .. secrets.Settings, "--MicroSpark:Slots=2", "--MicroSpark:Secrets:0:MaxJobs=1", "--MicroSpark:Secrets:0:MaxUploads=40MB",
        ]);
        await using var ann = await secrets.ConnectAsync("ann");
        await using var bob = await secrets.ConnectAsync("bob");
        await JobsAsync(ann, bob);
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
}
