using System.Net;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Options;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// One silo's page, on loopback only: Kestrel with HTTP/1.1 and nothing around it. It asks the silos of its cluster when somebody looks,
/// and does nothing otherwise. Kestrel logs nothing: an address may have a code in it.
/// </summary>
internal sealed class UiServer(IServiceProvider services, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int MostConnections = 64;
    private const int LargestBody = 1024;

    private readonly UiAccess _access = new(time);
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _kestrel;

    /// <summary>Where it listens; null when it was not started.</summary>
    public Uri? Uri { get; private set; }

    /// <exception cref="InvalidSettingException">The given port is taken.</exception>
    public async Task StartAsync(int port, CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions
        { AddServerHeader = false, ApplicationServices = new ServiceCollection().BuildServiceProvider() };
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = LargestBody;
        options.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(
            Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var kestrel = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            // The port is known only when it listens, and the application wants to know what it is called by.
            await kestrel.StartAsync(
                new UiApplication(
                    () => Uri!, _access, new ClusterFeed(services.GetRequiredService<IWorkerPool>, () =>
                        services.GetRequiredService<IGrainFactory>(), time),
                    time, loggers.CreateLogger<UiApplication>(), _stopping.Token),
                cancellationToken);
        }
        catch (Exception e) when (port != 0 && e is IOException or System.Net.Sockets.SocketException)
        {
            kestrel.Dispose();
            throw FreePorts.Taken(IPAddress.Loopback, port, "Silo:UiPort", e);
        }

        _kestrel = kestrel;
        Uri = new Uri(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>A link that lets one browser in, once; null when there is no page.</summary>
    /// <param name="control">Whether it may cancel jobs and unpersist.</param>
    public string? Invite(bool control) => Uri is { } uri ? $"{uri}enter?code={_access.NewCode(control)}" : null;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _kestrel, null) is { } kestrel)
        {
            // Streams of events have no end of their own.
            await _stopping.CancelAsync();
            await kestrel.StopAsync(cancellationToken);
            kestrel.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _stopping.Dispose();
    }
}
