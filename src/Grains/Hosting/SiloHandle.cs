using System.Net;
using MicroSpark.Engine;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Ui;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>A silo of this process that has started.</summary>
internal sealed class SiloHandle(IHost host, SiloMode mode) : IAsyncDisposable
{
    private int _stopped;

    public IServiceProvider Services => host.Services;

    public IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

    public SiloAddress Address { get; } = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public WorkerId Id => WorkerIds.Of(Address);

    public EffectiveSettings Settings { get; } = host.Services.GetRequiredService<EffectiveSettings>();

    /// <summary>Null when nobody outside reads here (embedded silos).</summary>
    public Uri? DataUri { get; } = host.Services.GetRequiredService<DataPlaneServer>().Uri;

    /// <summary>The silo's page; it may not have been started.</summary>
    public UiServer Page { get; } = host.Services.GetRequiredService<UiServer>();

    /// <summary>The event logs that the silo writes; it may have no folder for them.</summary>
    public JobArchive Archive { get; } = host.Services.GetRequiredService<JobArchive>();

    /// <summary>Null when clients from outside may not connect (embedded silos).</summary>
    public IPEndPoint? Gateway { get; } = host.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress?.Endpoint;

    public WorkerEngine Engine => Services.GetRequiredService<WorkerEngine>();

    /// <summary>Cancelled when the silo begins to stop, by itself or because it was told to.</summary>
    public CancellationToken Stopping { get; } = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    /// <summary>Cancelled when as many cancelled tasks are given up as the silo has slots.</summary>
    public CancellationToken Exhausted { get; } = host.Services.GetRequiredService<GivenUpTasks>().Exhausted;

    /// <summary>What ended the silo against its will; null for one whose process is not the silo's own.</summary>
    public FatalErrors? Fatal { get; } = host.Services.GetService<FatalErrors>();

    /// <summary>Leaves the cluster in order: others learn at once that this silo goes.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _stopped, 1) == 0 ? StopHostAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Goes without a word, as nearly as a silo can that shares its process with others; they learn that it is dead.</summary>
    public async Task KillAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        mode.Membership?.DeclareDead(Address);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopHostAsync(CancellationToken cancellationToken)
    {
        try
        {
            await host.StopAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told not to wait: what is left is dropped with the host.
        }

        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
