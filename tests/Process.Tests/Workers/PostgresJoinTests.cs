using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>Worker processes find each other through a real PostgreSQL server.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresJoinTests(PostgresFixture server)
{
    [Fact]
    public async Task Four_workers_that_start_at_once_make_the_schema_and_one_cluster()
    {
        var options = new MicroSparkOptions { Membership = { Provider = "PostgreSql", ConnectionString = await server.CreateDatabaseAsync() }, Secret = TestSecret.One };
        var silos = await SiloProcess.StartAsync(4, Settings(options), TestSecret.Environment);
        try
        {
            Assert.Equal(silos.Select(s => s.Silo).Order(StringComparer.Ordinal), await ClusterAsserts.ActiveSilosAsync(options));
            Assert.All(silos, s => Assert.Equal("", s.Errors));
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }
    }

    [Fact]
    public async Task A_worker_leaves_in_order()
    {
        var options = new MicroSparkOptions { Membership = { Provider = "PostgreSql", ConnectionString = await server.CreateDatabaseAsync() }, Secret = TestSecret.One };
        await using var stays = await SiloProcess.StartAsync(Settings(options), TestSecret.Environment);
        await using var goes = await SiloProcess.StartAsync(Settings(options), TestSecret.Environment);

        goes.Terminate();

        Assert.Equal(0, await goes.WaitForExitAsync());
        Assert.Equal([stays.Silo], await ClusterAsserts.ActiveSilosAsync(options));
    }

    [Fact]
    public async Task A_wrong_password_is_a_clear_error_that_does_not_show_it()
    {
        var options = new MicroSparkOptions { Membership = { Provider = "PostgreSql", ConnectionString = await server.CreateDatabaseAsync() + ";Password=mistaken" }, Secret = TestSecret.One };
        await using var silo = SiloProcess.Launch(Settings(options), TestSecret.Environment);

        Assert.Equal(3, await silo.WaitForExitAsync());
        Assert.Contains("MicroSpark:Membership:ConnectionString", silo.Errors, StringComparison.Ordinal);
        Assert.Contains("password authentication failed", silo.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("mistaken", silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_told_when_no_worker_has_used_the_database()
    {
        var options = new MicroSparkOptions { Membership = { Provider = "PostgreSql", ConnectionString = await server.CreateDatabaseAsync() }, Secret = TestSecret.One };

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ClusterClientFactory.ConnectAsync(options));

        Assert.Contains("Start a worker", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Settings(MicroSparkOptions options) =>
    [
        $"--MicroSpark:Membership:Provider={options.Membership.Provider}",
        $"--MicroSpark:Membership:ConnectionString={options.Membership.ConnectionString}",
    ];
}
