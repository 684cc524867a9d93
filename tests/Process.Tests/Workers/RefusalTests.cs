using System.Net;
using System.Net.Sockets;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Hosting;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>What a worker process says when it cannot start, and with which exit code.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Membership_in_memory_is_refused_with_the_way_out() =>
        await AssertEndsAsync(2, [], "MicroSpark:Membership:Provider", "Sqlite", "PostgreSql");

    [Theory]
    [InlineData("Slots", "0", "1 to 1024")]
    [InlineData("Slots", "many", "whole number")]
    [InlineData("MemoryBudget", "1MB", "16MB")]
    [InlineData("Silo:Port", "70000", "65535")]
    [InlineData("Silo:Address", "0.0.0.0", "IP address")]
    [InlineData("Membership:Provider", "Excel", "PostgreSql")]
    public async Task A_bad_setting_is_named_with_its_value_and_its_bound(string setting, string value, string bound)
    {
        using var database = new SqliteDatabase();
        await AssertEndsAsync(2, [.. database.Settings, $"--MicroSpark:{setting}={value}"], $"MicroSpark:{setting}", value, bound);
    }

    [Theory]
    [InlineData("--MicroSpark:Secrt=hidden", "MicroSpark:Secrt", "one of")]
    [InlineData("--MicroSpark:Secret=hidden", "SecretFile", "MICROSPARK__SECRET", "standard input")]
    [InlineData("--Secret=hidden", "SecretFile")]
    [InlineData("--microspark:secret=hidden", "SecretFile")]
    [InlineData("--MicroSparkSecret=hidden", "no argument")]
    public async Task A_secret_is_not_taken_from_an_argument_and_not_shown_when_it_is_misspelt(string argument, params string[] said)
    {
        using var database = new SqliteDatabase();
        await AssertEndsAsync(2, [.. database.Settings, argument], said);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Username=u;Password=some;hidden")]
    [InlineData("Host=127.0.0.1;Pasword=hidden")]
    [InlineData("Host=127.0.0.1;Port=hidden")]
    public async Task A_connection_string_that_is_wrong_shows_none_of_it(string text) => await AssertEndsAsync(
        2, ["--MicroSpark:Membership:Provider=PostgreSql", $"--MicroSpark:Membership:ConnectionString={text}"],
        "MicroSpark:Membership:ConnectionString", "in quotes");

    [Fact]
    public async Task An_unknown_flag_is_refused() => await AssertEndsAsync(2, ["--slots", "2"], "'--slots' is no argument of a worker.", "--MicroSpark:KEY=VALUE", "start it again.\n");

    [Fact]
    public async Task A_flag_without_a_value_is_refused() => await AssertEndsAsync(2, ["--MicroSpark:Slots"], "--MicroSpark:Slots has no value.");

    [Fact]
    public async Task An_unknown_provider_is_named_before_its_connection_string_is_missed() =>
        await AssertEndsAsync(2, ["--MicroSpark:Membership:Provider=Nope"], "MicroSpark:Membership:Provider is \"Nope\"", "Sqlite", "PostgreSql");

    [Theory]
    [InlineData("Silo:Port")]
    [InlineData("Silo:GatewayPort")]
    [InlineData("Silo:DataPort")]
    [InlineData("Silo:UiPort")]
    public async Task A_taken_port_is_named(string setting)
    {
        using var database = new SqliteDatabase();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await AssertEndsAsync(2, [.. database.Settings, $"--MicroSpark:{setting}={port}"], $"MicroSpark:{setting}", $"{port}");
    }

    [Fact]
    public async Task An_unreachable_PostgreSQL_server_is_named_and_its_password_is_not()
    {
        var port = FreePorts.Find(IPAddress.Loopback, 1)[0];
        await AssertEndsAsync(
            3,
            ["--MicroSpark:Membership:Provider=PostgreSql", $"--MicroSpark:Membership:ConnectionString=Host=127.0.0.1;Port={port};Database=d;Username=u;Password=hidden"],
            "MicroSpark:Membership:ConnectionString", $"127.0.0.1:{port}", "Start that database");
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named() => await AssertEndsAsync(
        3,
        ["--MicroSpark:Membership:Provider=Sqlite", "--MicroSpark:Membership:ConnectionString=Data Source=no-such-folder/cluster.db"],
        "MicroSpark:Membership:ConnectionString", "no-such-folder");

    [Fact]
    public async Task Beyond_loopback_a_secret_must_be_given()
    {
        using var database = new SqliteDatabase();
        await AssertEndsAsync(
            new Dictionary<string, string>(), 2,
            ["--MicroSpark:Membership:Provider=Sqlite", $"--MicroSpark:Membership:ConnectionString={database.ConnectionString}", "--MicroSpark:Silo:Address=192.0.2.1"],
            "MicroSpark:Secret", "192.0.2.1");
    }

    [Fact]
    public async Task Beyond_loopback_certificates_must_be_given_or_be_done_without_in_so_many_words()
    {
        using var database = new SqliteDatabase();
        await AssertEndsAsync(
            2, [.. database.Settings, "--MicroSpark:Silo:Address=192.0.2.1"], "MicroSpark:Tls:Authority", "192.0.2.1", "AllowCleartext=true");
        await AssertEndsAsync(2, [.. database.Settings, "--MicroSpark:Tls:Certificate=worker.pem"], "MicroSpark:Tls:Authority");
        await AssertEndsAsync(2, [.. database.Settings, "--MicroSpark:Tls:Authority=no-such-ca.pem"], "MicroSpark:Tls:Certificate");
        await AssertEndsAsync(
            2, [.. database.Settings, "--MicroSpark:Tls:Authority=no-such-ca.pem", "--MicroSpark:Tls:Certificate=no-such.pem"],
            "MicroSpark:Tls:Authority", "no-such-ca.pem");
    }

    [Fact]
    public async Task A_worker_with_another_secret_is_refused_and_the_cluster_stays_whole()
    {
        using var database = new SqliteDatabase();
        await using var silo = await SiloProcess.StartAsync(database.Settings);

        await AssertEndsAsync(TestSecret.AnotherEnvironment, 3, database.Settings, "MicroSpark:Secret", "another secret");

        Assert.Equal([silo.Silo], await ClusterAsserts.ActiveSilosAsync(database.Options()));
    }

    [Fact]
    public async Task A_secret_that_somebody_chose_is_refused_with_the_way_out_and_not_shown()
    {
        using var database = new SqliteDatabase();
        await AssertEndsAsync(
            new Dictionary<string, string> { [TestSecret.Setting] = "hidden-and-weak" }, 2, database.Settings, "MicroSpark:Secret", "microspark secret");
    }

    [Fact]
    public async Task A_client_with_another_secret_is_told_so()
    {
        using var database = new SqliteDatabase();
        await using var silo = await SiloProcess.StartAsync(database.Settings);
        var options = database.Options();
        options.Secret = TestSecret.Another;

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ClusterClientFactory.ConnectAsync(options));

        Assert.Contains("MicroSpark:Secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_a_dead_cluster_is_told_so()
    {
        using var database = new SqliteDatabase();
        await using (var silo = await SiloProcess.StartAsync(database.Settings))
        {
            silo.Kill();
            await silo.WaitForExitAsync();
        }

        var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ClusterClientFactory.ConnectAsync(database.Options()));

        Assert.Contains("No worker of cluster", error.Message, StringComparison.Ordinal);
    }

    private static Task AssertEndsAsync(int code, IEnumerable<string> settings, params string[] said) =>
        AssertEndsAsync(TestSecret.Environment, code, settings, said);

    private static async Task AssertEndsAsync(
        IReadOnlyDictionary<string, string> environment, int code, IEnumerable<string> settings, params string[] said)
    {
        await using var silo = SiloProcess.Launch(settings, environment);
        var ended = await silo.WaitForExitAsync();
        Assert.True(ended == code, $"Expected exit code {code}, found {ended}: {silo.Errors}");
        Assert.All(said, text => Assert.Contains(text, silo.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", silo.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", silo.Errors, StringComparison.Ordinal);
        Assert.Equal("", silo.Output);
    }
}
