using System.Net;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// One silo's page, on loopback only. It asks the silos of its cluster when somebody looks, and does nothing otherwise.
/// </summary>
internal sealed class UiServer(IServiceProvider services, AuditLog audit, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int MostConnections = 64;
    private const int LargestBody = 1024;

    private readonly UiAccess _access = new(time);
    private readonly CancellationTokenSource _stopping = new();
    private readonly KestrelHost _host = new("Silo:UiPort");

    /// <summary>Where it listens; null when it was not started.</summary>
    public Uri? Uri => _host.Uri;

    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public Task StartAsync(int port, CancellationToken cancellationToken)
    {
        var silos = new SiloCalls(
            () => services.GetRequiredService<IWorkerPool>().LiveAsync(), services.GetRequiredService<IGrainFactory>);
        return _host.StartAsync(
            IPAddress.Loopback, port,
            new UiApplication(_access, silos, audit, time, loggers.CreateLogger<UiApplication>(), _stopping.Token),
            static limits => (limits.MaxConcurrentConnections, limits.MaxRequestBodySize) = (MostConnections, LargestBody),
            new SocketTransportOptions(), cancellationToken);
    }

    /// <summary>A link that lets one browser in, once; null when there is no page.</summary>
    /// <param name="viewer">Who that browser will be.</param>
    public string? Invite(Viewer viewer) => Uri is { } uri ? $"{uri}enter?code={_access.NewCode(viewer)}" : null;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Streams of events have no end of their own.
        await _stopping.CancelAsync();
        await _host.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _stopping.Dispose();
    }
}
