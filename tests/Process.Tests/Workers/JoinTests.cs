using MicroSpark.Options;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>Worker processes find each other through SQLite.</summary>
public sealed class JoinTests
{
    [Fact]
    public async Task Four_workers_that_start_at_once_make_the_schema_and_one_cluster()
    {
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(4, database.Settings);
        try
        {
            Assert.Equal(silos.Select(s => s.Silo).Order(StringComparer.Ordinal), await ClusterAsserts.ActiveSilosAsync(database.Options()));
            Assert.All(silos, s => Assert.Equal("", s.Errors));
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_leaves_at_once_and_ends_with_0()
    {
        using var database = new SqliteDatabase();
        await using var stays = await SiloProcess.StartAsync(database.Settings);
        await using var goes = await SiloProcess.StartAsync(database.Settings);

        goes.Terminate();

        Assert.Equal(0, await goes.WaitForExitAsync());
        Assert.Equal([stays.Silo], await ClusterAsserts.ActiveSilosAsync(database.Options()));
    }

    [Fact]
    public async Task Workers_of_one_host_divide_its_memory()
    {
        using var database = new SqliteDatabase();
        await using var stays = await SiloProcess.StartAsync(database.Settings);
        await using var goes = await SiloProcess.StartAsync(database.Settings);
        await using var given = await SiloProcess.StartAsync([.. database.Settings, "--MicroSpark:MemoryBudget=64MB"]);
        await using var spark = await MicroSparkContext.ConnectAsync(o =>
        {
            o.Membership.Provider = "Sqlite";
            o.Membership.ConnectionString = database.ConnectionString;
            o.SecretFile = database.SecretFile;
        });
        const long Given = 64 << 20;

        // The host is the same for all three: this process counts what it has as they do.
        await BudgetsAsync(spark, Given, EffectiveSettings.DefaultBudget(3), EffectiveSettings.DefaultBudget(3));
        goes.Terminate();
        await BudgetsAsync(spark, Given, EffectiveSettings.DefaultBudget(2));
    }

    [Fact]
    public async Task A_worker_ends_with_0_on_Ctrl_C()
    {
        using var database = new SqliteDatabase();
        await using var silo = await SiloProcess.StartAsync(database.Settings);

        silo.Interrupt();

        Assert.Equal(0, await silo.WaitForExitAsync());
    }

    [Fact]
    public async Task Clusters_with_other_ids_share_a_database_and_nothing_else()
    {
        using var database = new SqliteDatabase();
        await using var one = await SiloProcess.StartAsync([.. database.Settings, "--cluster-id", "one"]);
        await using var two = await SiloProcess.StartAsync([.. database.Settings, "--cluster-id=two"]);
        var options = database.Options();

        options.ClusterId = "one";
        Assert.Equal([one.Silo], await ClusterAsserts.ActiveSilosAsync(options));
        options.ClusterId = "two";
        Assert.Equal([two.Silo], await ClusterAsserts.ActiveSilosAsync(options));
    }

    /// <summary>Asks until the workers' budgets are these.</summary>
    private static async Task BudgetsAsync(MicroSparkContext spark, params long[] expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        long[] budgets;
        do
        {
            budgets = [.. (await spark.WorkersAsync(patience.Token)).Select(static w => w.MemoryBudget).Order()];
        }
        while (!budgets.SequenceEqual(expected));
    }
}
