using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Jobs;

/// <summary>A lambda that ends its process: it takes some workers with it, and not the cluster, and not the jobs beside it.</summary>
public sealed class ProcessEndTests
{
    [Fact]
    public async Task A_lambda_that_ends_its_process_fails_its_job_and_no_other()
    {
        using var database = new SqliteDatabase();
        var silos = (await SiloProcess.StartAsync(6, [.. database.Settings, "--MicroSpark:Slots=1"])).ToList();
        try
        {
            await using var spark = await ConnectAsync(database, 2);
            await using var other = await ConnectAsync(database, 4);
            var innocent = other.Parallelize(Enumerable.Range(0, 6000), 60).Map(static n =>
            {
                Thread.SpinWait(20_000);
                return (n % 7, n);
            }).ReduceByKey(static (a, b) => a + b, 4).CollectAsync();
            var error = await Assert.ThrowsAsync<JobFailedException>(() => spark.Parallelize(Enumerable.Range(0, 40), 4).Map(static n =>
            {
                if (n == 25)
                {
                    Environment.Exit(7);
                }

                return n;
            }).CountAsync());

            Assert.Equal(2, error.Partition);
            Assert.True(error.Message.Contains("Each of 2 workers that ran it died: 127.0.0.1:", StringComparison.Ordinal), error.Message);
            Assert.NotNull(error.Operator);
            Assert.Equal(Enumerable.Range(0, 6000).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum())), (await innocent).Order());
            Assert.NotEmpty(await other.WorkersAsync());
        }
        finally
        {
            foreach (var silo in silos)
            {
                silo.Kill();
                await silo.DisposeAsync();
            }
        }
    }

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database, int deaths) => MicroSparkContext.ConnectAsync(o =>
    {
        o.Membership.Provider = "Sqlite";
        o.Membership.ConnectionString = database.ConnectionString;
        o.SecretFile = database.SecretFile;
        o.Retry.MaxWorkerDeaths = deaths;
    });
}
