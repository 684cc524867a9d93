using System.Text.Json;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>What the cluster says about itself to whoever asks, for people and for programs.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class ListingTests(TwoWorkers cluster)
{
    [Fact]
    public async Task Workers_and_what_is_kept_are_listed()
    {
        await using var spark = await cluster.ConnectAsync();
        var kept = spark.Range(0, 1000, 1, 4).SetName("a thousand").Persist(StorageLevel.MemoryAndDisk);
        await kept.CountAsync();

        var workers = await JsonAsync("workers", "--json");
        Assert.Equal(2, workers.Length);
        Assert.All(workers, worker => Assert.Equal(2, worker.GetProperty("slots").GetInt32()));
        var rdd = Assert.Single(await JsonAsync("rdds", "--json"), one => one.GetProperty("name").GetString() == "a thousand");
        Assert.Equal(kept.Lineage.ToString(), rdd.GetProperty("rdd").GetString());
        Assert.Equal((4, 4), (rdd.GetProperty("partitionsCached").GetInt32(), rdd.GetProperty("partitions").GetInt32()));
        Assert.True(rdd.GetProperty("memoryBytes").GetInt64() >= 8000);

        Assert.Contains("0/2 busy", await Cli.OutputAsync(cluster.Settings, "workers"));
        Assert.Matches("a thousand +MemoryAndDisk +4/4 +[0-9.]+ KB", await Cli.OutputAsync(cluster.Settings, "rdds"));
        await kept.UnpersistAsync();
        Assert.DoesNotContain("a thousand", await Cli.OutputAsync(cluster.Settings, "rdds"));
    }

    [Fact]
    public async Task A_job_is_cancelled_by_the_beginning_of_its_id()
    {
        await using var gate = new Gate();
        var port = gate.Port;
        await using var spark = await cluster.ConnectAsync();
        var job = await spark.SubmitAsync(() => spark.Range(0, 2, 1, 2).Map(n =>
        {
            Gate.Pass(port);
            return n;
        }).CountAsync());
        await gate.ArrivedAsync();
        var some = job.Id.ToString()[..12];
        var cancelled = Assert.Single(await JsonAsync("cancel", some, "--json"));

        Assert.Equal((job.Id.ToString(), "Cancelled"), (cancelled.GetProperty("job").GetString(), cancelled.GetProperty("state").GetString()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.ResultAsync());
        Assert.Contains("has ended already: Cancelled.", (await Cli.RunAsync(cluster.Settings, "cancel", some)).Error);
        Assert.Matches($"{job.Id} +CountAsync +Cancelled", await Cli.OutputAsync(cluster.Settings, "jobs"));
    }

    private async Task<JsonElement[]> JsonAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await Cli.OutputAsync(cluster.Settings, arguments));
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
