using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Jobs;

/// <summary>Jobs of this process on workers of others: code is shipped, blocks travel, workers die.</summary>
public sealed class ClusterJobTests
{
    public sealed record Person(string Name, int Age);

    [Fact]
    public async Task A_shuffle_job_with_the_programs_own_types_and_a_second_client_that_reuses_it()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(2, [.. database.Settings, "--MicroSpark:Slots=2"]);
        var marks = Directory.CreateTempSubdirectory("microspark-marks-");
        try
        {
            await using (var spark = await ConnectAsync(database))
            {
                Assert.Equal(4, spark.DefaultParallelism);
                Assert.Equal(2, (await spark.WorkersAsync()).Count);
                var ages = await People(spark, marks.FullName).Map(p => (p.Age, p.Name.Length)).ReduceByKey((a, b) => a + b).CollectAsync();
                Assert.Equal(Enumerable.Range(0, 200).GroupBy(i => i % 9).Select(g => (g.Key, g.Sum(i => $"p{i}".Length))), ages.Order());
                Assert.Equal(8, marks.GetFiles().Length);
                await using var other = await ConnectAsync(database);
                Assert.Equal(200, await People(other, marks.FullName).CountAsync());
                Assert.Equal(8, marks.GetFiles().Length);
                var error = await Assert.ThrowsAsync<JobFailedException>(
                    () => People(spark, marks.FullName).Map(p => p.Age < 9 ? throw new FormatException(p.Name) : p).CountAsync());
                Assert.IsType<FormatException>(error.InnerException);
                Assert.Contains("4 times", error.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            marks.Delete(recursive: true);
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_worker_killed_between_map_and_reduce_costs_its_share_and_no_result(int victim)
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(3, [.. database.Settings, "--MicroSpark:Slots=1"]);
        try
        {
            await using var gate = new Gate();
            await using var spark = await ConnectAsync(database);
            var port = gate.Port;
            var sums = spark.Parallelize(Enumerable.Range(0, 9000), 9).Map(n => (n % 7, (long)n)).ReduceByKey((a, b) => a + b, 6).MapPartitions(p =>
            {
                Gate.Pass(port);
                return p;
            }).CollectAsync();
            await await Task.WhenAny(gate.ArrivedAsync(), sums);
            silos[victim].Kill();
            gate.Open();
            Assert.Equal(Enumerable.Range(0, 9000).GroupBy(n => n % 7).Select(g => (g.Key, g.Sum(n => (long)n))), (await sums).Order());
            Assert.Equal(2, (await spark.WorkersAsync()).Count);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos.Where((_, i) => i != victim).ToArray());
            await silos[victim].DisposeAsync();
        }
    }

    private static Rdd<Person> People(MicroSparkContext spark, string marks) => spark.Parallelize(Enumerable.Range(0, 200), 8).MapPartitions(items =>
    {
        File.WriteAllText(Path.Combine(marks, Guid.NewGuid().ToString("N")), "");
        return items.Select(i => new Person($"p{i}", i % 9));
    }).Cache();

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database) => MicroSparkContext.ConnectAsync(o =>
    {
        o.Membership.Provider = "Sqlite";
        o.Membership.ConnectionString = database.ConnectionString;
        o.SecretFile = database.SecretFile;
    });
}
