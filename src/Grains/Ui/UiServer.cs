using System.Net;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// One silo's page, on loopback only. It asks the silos of its cluster when somebody looks, and does nothing otherwise.
/// </summary>
internal sealed partial class UiServer(IServiceProvider services, AuditLog audit, TimeProvider time, ILoggerFactory loggers)
    : IAsyncDisposable
{
    /// <summary>By which a browser finds the page; a worker's certificate needs both names.</summary>
    private static readonly string[] s_names = ["127.0.0.1", "localhost"];

    private const int MostConnections = 64;
    private const int LargestBody = 1024;

    private readonly UiAccess _access = new(time, name => services.GetService<SiloMode>()?.Secret.IdentitiesOf(name) ?? []);
    private readonly CancellationTokenSource _stopping = new();
    private readonly KestrelHost _host = new("Silo:UiPort");

    /// <summary>Where it listens; null when it was not started.</summary>
    public Uri? Uri => _host.Uri;

    /// <param name="tls">The silo's certificates, which the page has too; null for none.</param>
    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public Task StartAsync(int port, TlsFiles? tls, CancellationToken cancellationToken)
    {
        if (tls?.Now.Own is { } own && !Array.TrueForAll(s_names, name => own.MatchesHostname(name, allowCommonName: false)))
        {
            LogUnnamed(loggers.CreateLogger<UiServer>());
        }

        var silos = new SiloCalls(
            () => services.GetRequiredService<IWorkerPool>().LiveAsync(), services.GetRequiredService<IGrainFactory>);
        return _host.StartAsync(
            IPAddress.Loopback, port,
            new UiApplication(_access, silos, audit, time, loggers.CreateLogger<UiApplication>(), _stopping.Token),
            static limits => (limits.MaxConcurrentConnections, limits.MaxRequestBodySize) = (MostConnections, LargestBody),
            new SocketTransportOptions(), cancellationToken,
            tls is null ? null : new TlsPort(tls, audit, time, "page", peers: false).Under);
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

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Browsers will warn of the page, since the certificate does not name its host: issue it with DNS:localhost and "
            + "IP:127.0.0.1 beside its URI name (subjectAltName).")]
    private static partial void LogUnnamed(ILogger logger);
}
