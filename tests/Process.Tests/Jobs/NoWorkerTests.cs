using System.Collections.Concurrent;
using System.Diagnostics;
using MicroSpark.Driver.Events;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

/// <summary>All workers die at once, in the middle of a job whose client lives.</summary>
public sealed class NoWorkerTests
{
    [Fact]
    public async Task The_client_says_so_and_workers_that_join_take_the_job_on()
    {
        using var database = new SqliteDatabase();
        string[] settings = [.. database.Settings, "--MicroSpark:Slots=1"];
        var silos = (await SiloProcess.StartAsync(2, settings)).ToList();
        try
        {
            await using var spark = await MicroSparkContext.ConnectAsync(o =>
            {
                o.Membership.Provider = "Sqlite";
                o.Membership.ConnectionString = database.ConnectionString;
                o.SecretFile = database.SecretFile;
                o.NoWorkerTimeout = TimeSpan.FromMinutes(5);
            });
            var silent = new TaskCompletionSource<EngineEvent.NoWorker>(TaskCreationOptions.RunContinuationsAsynchronously);
            var told = new ConcurrentQueue<bool>();
            spark.Happened += one => _ = one is EngineEvent.NoWorker no && silent.TrySetResult(no);
            spark.Progress += progress => told.Enqueue(progress.NoWorker);
            await using var gate = new Gate();
            var port = gate.Port;
            var sums = spark.Parallelize(Enumerable.Range(0, 900), 4).MapPartitions(items =>
            {
                Gate.Pass(port);
                return items;
            }).Map(static n => (n % 7, n)).ReduceByKey(static (a, b) => a + b, 3).CollectAsync();
            await await Task.WhenAny(gate.ArrivedAsync(), sums);
            foreach (var silo in silos)
            {
                silo.Kill();
            }

            gate.Open();
            Assert.InRange((await silent.Task).Waited, TimeSpan.FromSeconds(4.9), TimeSpan.FromMinutes(2));
            Assert.Contains(true, told);
            var asked = Stopwatch.StartNew();
            Assert.Empty(await spark.WorkersAsync());
            Assert.Empty(await spark.JobsAsync());
            Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));

            silos.AddRange(await SiloProcess.StartAsync(2, settings));
            Assert.Equal(Enumerable.Range(0, 900).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum())), (await sums).Order());
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }
}
