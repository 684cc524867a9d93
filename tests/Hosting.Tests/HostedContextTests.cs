using MicroSpark.Driver;
using MicroSpark.Grains.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace MicroSpark.Tests;

/// <summary>A host's context, wherever it computes.</summary>
public sealed class HostedContextTests
{
    private const string Counts = "be=2 not=1 or=1 to=2";

    [Fact]
    public async Task Without_a_membership_it_computes_in_the_process()
    {
        var builder = Hosts.New(("MicroSpark:Slots", "3"));
        builder.Services.AddMicroSpark();
        using var host = builder.Build();
        var spark = host.Services.GetRequiredService<MicroSparkContext>();

        await host.StartAsync();
        Assert.Equal(3, spark.DefaultParallelism);
        Assert.Equal(Counts, await spark.CountAsync());
        await host.StopAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => spark.CountAsync());
    }

    [Fact]
    public async Task On_the_hosts_silo_with_localhost_clustering()
    {
        var builder = Hosts.New(("MicroSpark:Secret", Hosts.Secret), ("MicroSpark:Slots", "2"));
        builder.Services.AddMicroSpark();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().OnFreePorts().AddMicroSpark());
        using var host = builder.Build();
        await host.StartAsync();
        var spark = host.Services.GetRequiredService<MicroSparkContext>();

        Assert.Equal(2, spark.DefaultParallelism);
        Assert.Equal(Counts, await spark.CountAsync());
        Assert.Single(await spark.WorkersAsync());
        await host.StopAsync();
    }

    [Fact]
    public async Task On_two_silos_of_hosts_with_AdoNet_clustering_whose_tables_nobody_has_made()
    {
        using var database = new SqliteFile();
        using var first = OnAdoNet(database);
        using var second = OnAdoNet(database);
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        var spark = first.Services.GetRequiredService<MicroSparkContext>();

        Assert.Equal(Counts, await spark.CountAsync());
        Assert.Equal(Counts, await second.Services.GetRequiredService<MicroSparkContext>().CountAsync());
        await second.StopAsync();
        Assert.Equal(Counts, await spark.CountAsync());
        await first.StopAsync();
    }

    [Fact]
    public async Task Connected_to_the_cluster_of_the_settings()
    {
        using var database = new SqliteFile();
        using var worker = OnAdoNet(database);
        await worker.StartAsync();
        var builder = Hosts.New(
            ("MicroSpark:Secret", Hosts.Secret), ("MicroSpark:ClusterId", "theirs"), ("MicroSpark:Membership:Provider", "Sqlite"),
            ("MicroSpark:Membership:ConnectionString", database.Connection), ("MicroSpark:AllowPlainHost", "true"));
        builder.Services.AddMicroSpark();
        using var client = builder.Build();
        await client.StartAsync();

        Assert.Equal(Counts, await client.Services.GetRequiredService<MicroSparkContext>().CountAsync());
        await client.StopAsync();
        await worker.StopAsync();
    }

    [Fact]
    public async Task Before_the_start_it_can_be_injected_and_says_that_it_cannot_be_used()
    {
        var builder = Hosts.New();
        builder.Services.AddMicroSpark();
        using var host = builder.Build();
        var spark = host.Services.GetRequiredService<MicroSparkContext>();

        Assert.Contains("not started", Assert.Throws<InvalidOperationException>(() => spark.DefaultParallelism).Message, StringComparison.Ordinal);
        var early = await Assert.ThrowsAsync<InvalidOperationException>(() => spark.Range(0, 10, 1, 2).CountAsync());
        Assert.Contains("not started", early.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_was_registered_first_has_it_when_it_starts_and_until_it_has_stopped()
    {
        var builder = Hosts.New();
        builder.Services.AddSingleton<Counting>().AddHostedService(services => services.GetRequiredService<Counting>());
        builder.Services.AddMicroSpark();
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal([Counts, Counts], host.Services.GetRequiredService<Counting>().Seen);
    }

    [Fact]
    public async Task Advice_goes_to_the_hosts_log_and_the_life_of_the_silo_does_not()
    {
        var lines = new LogLines();
        var builder = Hosts.New();
        builder.Logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddMicroSpark();
        using var host = builder.Build();
        await host.StartAsync();
        var lost = 0L;

        await host.Services.GetRequiredService<MicroSparkContext>().Range(3).Map(n => lost += n).CollectAsync();

        await host.StopAsync();
        Assert.Contains(lines.Lines, line => line.Contains("MicroSpark", StringComparison.Ordinal) && line.Contains("assigns to 'lost'", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Lines, line => line.Contains("Orleans", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silo_without_clustering_is_told_what_to_choose()
    {
        var builder = Hosts.New(("MicroSpark:Secret", Hosts.Secret));
        builder.UseOrleans(silo => silo.OnFreePorts().AddMicroSpark());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            using var host = builder.Build();
            await host.StartAsync();
        });

        Assert.Contains("UseLocalhostClustering", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_without_workers_keeps_the_host_from_starting_with_the_place_where_it_looked()
    {
        using var database = new SqliteFile();
        var builder = Hosts.New(
            ("MicroSpark:Secret", Hosts.Secret), ("MicroSpark:Membership:Provider", "Sqlite"),
            ("MicroSpark:Membership:ConnectionString", database.Connection));
        builder.Services.AddMicroSpark();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => host.StartAsync());

        Assert.Contains(Path.GetFileName(database.Connection), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_is_out_of_its_bounds_keeps_the_host_from_starting_with_its_name()
    {
        var builder = Hosts.New(("MicroSpark:Slots", "0"));
        builder.Services.AddMicroSpark();
        using var host = builder.Build();

        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => host.StartAsync());

        Assert.Contains("MicroSpark:Slots", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_with_a_host_of_which_another_service_did_not_start(bool onSilo)
    {
        var builder = Hosts.New(("MicroSpark:Secret", Hosts.Secret));
        builder.Services.AddMicroSpark();
        if (onSilo)
        {
            builder.UseOrleans(silo => silo.UseLocalhostClustering().OnFreePorts().AddMicroSpark());
        }

        builder.Services.AddHostedService<Failing>();

        // A launch is told of a context that nobody injects.
        var opened = new List<MicroSparkContext>();
        Launch.Current = new Launch(LaunchPlace.AsTheProgramAsks, 0, opened.Add);
        var host = builder.Build();
        Assert.Equal("other", (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync())).Message);
        var spark = Assert.Single(opened);
        Assert.Equal(Counts, await spark.CountAsync());
        host.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => spark.CountAsync());
    }

    [Fact]
    public async Task Submitted_with_a_page_it_gives_whoever_submitted_it_a_link()
    {
        var (errors, written) = (Console.Error, new StringWriter());
        var opened = new List<MicroSparkContext>();
        var builder = Hosts.New(("MicroSpark:Silo:UiPort", "0"));
        builder.Services.AddMicroSpark();
        Launch.Current = new Launch(LaunchPlace.AsTheProgramAsks, 0, opened.Add) { Ui = true };
        using var host = builder.Build();
        Console.SetError(TextWriter.Synchronized(written));
        try
        {
            await host.StartAsync();
        }
        finally
        {
            Console.SetError(errors);
        }

        Assert.Same(host.Services.GetRequiredService<MicroSparkContext>(), Assert.Single(opened));
        Assert.Contains($"{opened[0].UiUri}enter?code=", written.ToString(), StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public void Twice_in_one_host_is_a_mistake()
    {
        var services = new ServiceCollection().AddMicroSpark();

        Assert.Throws<InvalidOperationException>(() => services.AddMicroSpark());
    }

    private static IHost OnAdoNet(SqliteFile database)
    {
        var builder = Hosts.New(("MicroSpark:Secret", Hosts.Secret), ("MicroSpark:Slots", "1"));
        builder.UseOrleans(silo => silo
            .UseAdoNetClustering(ado => (ado.Invariant, ado.ConnectionString) = (MembershipProvider.Sqlite, database.Connection))
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("theirs", "shop"))
            .OnFreePorts()
            .AddMicroSpark());
        builder.Services.AddMicroSpark();
        return builder.Build();
    }

    private sealed class Failing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("other");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Counting(MicroSparkContext spark) : IHostedService
    {
        public List<string> Seen { get; } = [];

        public async Task StartAsync(CancellationToken cancellationToken) => Seen.Add(await spark.CountAsync());

        public async Task StopAsync(CancellationToken cancellationToken) => Seen.Add(await spark.CountAsync());
    }
}
