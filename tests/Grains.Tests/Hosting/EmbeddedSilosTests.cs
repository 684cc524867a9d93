using System.Net;
using MicroSpark.Grains.Hosting;
using MicroSpark.Options;
using Orleans.Runtime;

namespace MicroSpark.Tests.Hosting;

/// <summary>Silos inside a program: one or several, seen by nobody outside.</summary>
public sealed class EmbeddedSilosTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Silos_of_one_process_form_one_cluster_without_a_gateway(int count)
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions(), count);

        var active = await silos.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);

        Assert.Equal(silos.Silos.Select(s => s.Address).Order(), active.Keys.Order());
        Assert.All(silos.Silos, s => Assert.Null(s.Gateway));
        Assert.All(silos.Silos, s => Assert.Null(s.DataUri));
        Assert.All(silos.Silos, s => Assert.Equal(IPAddress.Loopback, s.Address.Endpoint.Address));
    }

    [Fact]
    public async Task Silos_that_behave_as_strangers_have_a_data_plane_each()
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions { Isolation = Isolation.Simulated }, 2);

        Assert.Equal(2, silos.Silos.Select(s => s.DataUri!.Port).Distinct().Count());
    }

    [Fact]
    public async Task They_share_the_cores_and_the_memory()
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions { MemoryBudget = "64MB" }, 2);

        Assert.All(silos.Silos, s => Assert.Equal(Math.Max(1, Environment.ProcessorCount / 2), s.Settings.Slots));
        Assert.All(silos.Silos, s => Assert.Equal(64L << 20, s.Settings.MemoryBudget));
        Assert.All(silos.Silos, s => Assert.Equal(1, s.Settings.MaxTaskFailures));
    }

    [Fact]
    public async Task A_client_without_the_processs_secret_cannot_even_speak_to_a_silo()
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions(), 1);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(silos.Silos[0].Address.Endpoint);

        // Any bytes that are no handshake: the silo hangs up (a clean end, or a reset for what it did not read).
        await socket.GetStream().WriteAsync(new byte[64]);
        int received;
        try
        {
            received = await socket.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            received = 0;
        }

        Assert.Equal(0, received);
    }

    [Fact]
    public async Task A_killed_silo_is_dead_to_the_others()
    {
        await using var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions(), 2);

        await silos.Silos[1].KillAsync();

        var active = await silos.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        Assert.Equal([silos.Silos[0].Address], active.Keys);
    }

    [Fact]
    public async Task One_port_for_several_silos_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidSettingException>(() => EmbeddedSilos.StartAsync(new MicroSparkOptions { Silo = { Port = 7000 } }, 2));

        Assert.Equal("MicroSpark:Silo:Port", error.Setting);
    }
}
