using MicroSpark.Grains.Security;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>A cluster goes from one secret to another while it works, and the old one opens nothing afterwards.</summary>
public sealed class SecretChangeTests
{
    [Fact]
    public async Task A_cluster_changes_its_secret_without_a_stop()
    {
        using var database = new SqliteDatabase();
        string old = SecretText.New(), next = SecretText.New();
        Write(database, old);
        var silos = await SiloProcess.StartAsync(2, database.Settings);
        try
        {
            // Connected all the time, and with a file of its own that changes as the workers' does.
            await using var spark = await ConnectAsync(database, o => o.SecretFile = database.SecretFile);
            Assert.Equal(4950, await SumAsync(spark));

            Write(database, old, next);
            Assert.Equal(4950, await SumAsync(spark));
            await using (var early = await ConnectAsync(database, o => o.Secret = next))
            {
                Assert.Equal(4950, await SumAsync(early));
            }

            Write(database, next, old);
            Assert.Equal(4950, await SumAsync(spark));
            Write(database, next);
            Assert.Equal(4950, await SumAsync(spark));
            var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ConnectAsync(database, o => o.Secret = old));
            Assert.Contains("another secret", error.Message, StringComparison.Ordinal);

            // One that comes later finds them, and they it.
            await using var third = await SiloProcess.StartAsync(database.Settings);
            await using var late = await ConnectAsync(database, o => o.Secret = next);
            Assert.Equal(3, (await late.WorkersAsync()).Count);
            Assert.Equal(4950, await SumAsync(late));
            Assert.Equal(4950, await SumAsync(spark));
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    /// <summary>Its blocks cross between the workers.</summary>
    private static Task<long> SumAsync(MicroSparkContext spark) =>
        spark.Range(0, 100, 1, 8).Map(n => (n % 7, n)).ReduceByKey((a, b) => a + b).Values().SumAsync();

    private static Task<MicroSparkContext> ConnectAsync(SqliteDatabase database, Action<MicroSparkOptions> secret) =>
        MicroSparkContext.ConnectAsync(o =>
        {
            (o.Membership.Provider, o.Membership.ConnectionString) = ("Sqlite", database.ConnectionString);
            secret(o);
        });

    private static void Write(SqliteDatabase database, params string[] secrets)
    {
        var draft = $"{database.SecretFile}.new";
        File.WriteAllLines(draft, secrets);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Move(draft, database.SecretFile, overwrite: true);
    }
}
