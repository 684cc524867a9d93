using System.Net;
using System.Net.Sockets;
using MicroSpark.Grains.Cluster;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Workers of one host look at each other's ports. A process that has ended leaves a port that refuses, and the host's own kernel says so
/// at once. Orleans' probes take some seconds and two votes for the same; a last one of many has no second vote, and waits until the dead
/// count as stale.
/// </summary>
/// <remarks>
/// The law: dead is an active silo with this silo's own address whose port has refused twice, as long as this silo's own can be connected
/// to. What lies behind another address a firewall may refuse, and a process that only does not answer is the probes' to judge: its port
/// takes connections.
/// </remarks>
internal sealed partial class PortWatch(
    ILocalSiloDetails own, IClusterMembershipService membership, TimeProvider time, ILogger<PortWatch> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>As many as may end at once and are still known within a round: each watches the next ones in the order of ports.</summary>
    internal const int Watched = 3;

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private int _looking;
    private volatile bool _stopped;

    /// <summary>How a port is looked at.</summary>
    public Func<IPEndPoint, Task<PortState>> Look { get; init; } = LookAsync;

    public void Participate(ISiloLifecycle lifecycle)
    {
        ITimer? rounds = null;
        lifecycle.Subscribe(
            nameof(PortWatch),
            ServiceLifecycleStage.Active,
            _ =>
            {
                rounds = time.Every(s_period, RoundAsync);
                return Task.CompletedTask;
            },
            _ =>
            {
                // Its own port closes with it.
                _stopped = true;
                rounds?.Dispose();
                return Task.CompletedTask;
            });
    }

    /// <summary>Looks at the next ones, unless that is still being done.</summary>
    internal async Task RoundAsync()
    {
        if (_stopped || Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return;
        }

        try
        {
            await Task.WhenAll(Next().Select(JudgeAsync)).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    /// <summary>Active silos of this host, from the one behind this silo on, around to it.</summary>
    private SiloAddress[] Next()
    {
        var here = own.SiloAddress;
        var silos = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && member.SiloAddress.Endpoint.Address.Equals(here.Endpoint.Address))
            .Select(static member => member.SiloAddress).Where(silo => !silo.Equals(here))
            .OrderBy(static silo => silo.Endpoint.Port).ToArray();
        var behind = Array.FindIndex(silos, silo => silo.Endpoint.Port > here.Endpoint.Port);
        return [.. Enumerable.Range(Math.Max(0, behind), Math.Min(Watched, silos.Length)).Select(i => silos[i % silos.Length])];
    }

    private async Task JudgeAsync(SiloAddress silo)
    {
        if (await Look(silo.Endpoint).ConfigureAwait(false) != PortState.Refuses)
        {
            return;
        }

        await Task.Delay(s_again, time).ConfigureAwait(false);
        if (await Look(silo.Endpoint).ConfigureAwait(false) == PortState.Refuses
            && await Look(own.SiloAddress.Endpoint).ConfigureAwait(false) == PortState.Open
            && !_stopped && membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Active)
        {
            LogEnded(logger, silo);
            await membership.TryKill(silo).ConfigureAwait(false);
        }
    }

    private static async Task<PortState> LookAsync(IPEndPoint port)
    {
        using var socket = new Socket(port.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await socket.ConnectAsync(port, patience.Token).ConfigureAwait(false);
            return PortState.Open;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? PortState.Refuses : PortState.Silent;
        }
        catch (OperationCanceledException)
        {
            return PortState.Silent;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "{Silo} has ended: its port on this host refuses connections. It is declared dead")]
    private static partial void LogEnded(ILogger logger, SiloAddress silo);
}

/// <summary>What a port does with who connects to it.</summary>
internal enum PortState
{
    /// <summary>Neither, for a second.</summary>
    Silent,

    Open,

    /// <summary>Nobody listens there.</summary>
    Refuses,
}
