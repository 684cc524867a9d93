using System.Globalization;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Bench.Chaos;

/// <summary>Jobs whose program is not there any more when somebody wants their result.</summary>
internal static class Detached
{
    /// <summary>The program runs itself again by this name, as a client that is killed.</summary>
    public const string ClientCommand = "chaos-client";

    private const string Submitted = "submitted ";
    private const int Numbered = 60_000;
    private const int Keys = 1_013;
    private const int Partitions = 8;

    /// <summary>How long a client lives at most after it has submitted its job.</summary>
    private const int LongestLife = 400;

    /// <summary>Submitted by a client that leaves, and read by another one.</summary>
    public static async Task<Func<string?>> SubmittedAsync(ChaosRound round)
    {
        JobId id;
        await using (var client = await round.Cluster.ConnectAsync(round.Stop))
        {
            id = await SubmitAsync(client, round.Salt, round.Stop);
        }

        return await ReadAsync(round, id);
    }

    /// <summary>Submitted by a client that dies, while another job of its is under way.</summary>
    public static async Task<Func<string?>> OrphanAsync(ChaosRound round)
    {
        await using var client = ChildProcess.Start(
            "dotnet", [typeof(Detached).Assembly.Location, ClientCommand, round.Salt.ToString(CultureInfo.InvariantCulture)], round.Cluster.ClientEnvironment);
        var line = await client.WaitForLineAsync(static line => line.StartsWith(Submitted, StringComparison.Ordinal)).WaitAsync(round.Stop);
        await Task.Delay(round.Random.Next(LongestLife), round.Stop);
        client.Kill();
        return await ReadAsync(round, JobId.Parse(line[Submitted.Length..]));
    }

    /// <summary>What the client that is killed does.</summary>
    public static async Task<int> RunClientAsync(long salt)
    {
        await using var spark = await ChaosCluster.ConnectAsync(static _ => { }, CancellationToken.None);
        Console.WriteLine($"{Submitted}{await SubmitAsync(spark, salt, CancellationToken.None)}");
        while (true)
        {
            salt++;
            await Sums(spark, salt).CollectAsync();
        }
    }

    private static async Task<JobId> SubmitAsync(MicroSparkContext spark, long salt, CancellationToken stop)
    {
        var sums = Sums(spark, salt);
        return (await spark.SubmitAsync(() => sums.CollectAsync(), stop)).Id;
    }

    private static Rdd<(long Key, long Value)> Sums(MicroSparkContext spark, long salt) =>
        spark.Range(0, Numbered, 1, Partitions).Map(n => (Key: Numbers.Mix(n ^ salt) % Keys, Value: n)).ReduceByKey(static (a, b) => a + b);

    private static async Task<Func<string?>> ReadAsync(ChaosRound round, JobId id)
    {
        var job = await round.Spark.AttachAsync<(long Key, long Value)[]>(id, round.Stop);
        var found = await job.ResultAsync(round.Stop);
        return () => Numbers.DifferenceInSomeOrder(
            Numbers.To(Numbered).GroupBy(n => Numbers.Mix(n ^ round.Salt) % Keys).Select(static same => (same.Key, same.Sum())), found);
    }
}
