using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Jobs;

/// <summary>Two copies, in processes of their own: kill -9 takes one and costs nothing.</summary>
public sealed class ReplicationTests
{
    [Fact]
    public async Task A_killed_worker_costs_no_partition_that_has_two_copies()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(3, [.. database.Settings, "--MicroSpark:Slots=1"]);
        var marks = Directory.CreateTempSubdirectory("microspark-marks-");
        try
        {
            await using var spark = await MicroSparkContext.ConnectAsync(o =>
            {
                o.Membership.Provider = "Sqlite";
                o.Membership.ConnectionString = database.ConnectionString;
                o.SecretFile = database.SecretFile;
            });
            var folder = marks.FullName;
            var kept = spark.Parallelize(Enumerable.Range(0, 900), 9).MapPartitions(items =>
            {
                File.WriteAllText(Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}"), "");
                return items;
            }).Persist(StorageLevel.MemoryAndDiskSerialized2);
            Assert.Equal(900, await kept.CountAsync());

            // One that has computed some of it.
            var victim = silos.First(s => Directory.GetFiles(folder, $"{s.ProcessId}-*").Length > 0);
            victim.Kill();

            Assert.Equal(Enumerable.Range(0, 900), await kept.CollectAsync());
            Assert.Equal(9, Directory.GetFiles(folder).Length);
        }
        finally
        {
            marks.Delete(recursive: true);
            await ClusterAsserts.StopAllAsync(silos);
        }
    }
}
