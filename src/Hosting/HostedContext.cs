using MicroSpark.Driver;
using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;
using MicroSpark.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace MicroSpark.Hosting;

/// <summary>
/// The context of a host, and when its cluster is there. A host's own silo opens and closes it, since it can be used only while that silo
/// is active; otherwise it opens before the first service of the host and closes after the last.
/// </summary>
internal sealed class HostedContext : IHostedLifecycleService, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly MicroSparkOptions _options;
    private readonly LateCluster _cluster;
    private readonly Launch? _launch = Launch.Current;
    private readonly bool _onSilo;
    private readonly int? _embedded;

    public HostedContext(IServiceProvider services, Action<MicroSparkOptions>? configure)
    {
        _services = services;
        _onSilo = services.GetService<SiloMode>() is { Guest: true };
        _options = _onSilo
            ? Changed(services.GetRequiredService<MicroSparkOptions>(), configure)
            : MicroSparkConfiguration.Read(services.GetRequiredService<IConfiguration>(), configure);
        int? asked = _options.Membership.IsInMemory ? 1 : null;
        _embedded = _onSilo ? null : _launch is null ? asked : _launch.WorkersFor(asked, _options);
        _cluster = new LateCluster(
            _embedded is not null && _options.Isolation == Isolation.Process,
            EffectiveSettings.MaxTaskFailuresOf(_options, _embedded is not null), services.GetRequiredService<ILoggerFactory>());
        Context = MicroSparkContext.Of(_cluster, _options, TimeProvider.System);
    }

    public MicroSparkContext Context { get; }

    /// <summary>For what asks the cluster's silos beside jobs.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public IGrainFactory Grains => _cluster.Grains;

    /// <summary>Whether it can be used now; it may have been closed since.</summary>
    public bool IsOpen => _cluster.Found is not null;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!_onSilo)
        {
            await OpenAsync(
                await MicroSparkContext.FindAsync(_embedded, _options, _cluster.Logs, cancellationToken), cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Context.DisposeAsync().AsTask();

    /// <summary>A host whose other services did not start is never stopped, only disposed of.</summary>
    public ValueTask DisposeAsync() => Context.DisposeAsync();

    /// <summary>The last stage to start is the first to stop.</summary>
    public void Participate(ISiloLifecycle lifecycle)
    {
        if (_onSilo)
        {
            lifecycle.Subscribe(
                nameof(HostedContext),
                ServiceLifecycleStage.Last,
                stop => OpenAsync(new SiloCluster(_services, TimeProvider.System), stop),
                _ => Context.DisposeAsync().AsTask());
        }
    }

    private async Task OpenAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        await _cluster.OpenAsync(cluster, cancellationToken);
        await Context.AnnounceAsync(_launch, linked: false, cancellationToken);
    }

    private static MicroSparkOptions Changed(MicroSparkOptions options, Action<MicroSparkOptions>? configure)
    {
        configure?.Invoke(options);
        OptionsValidator.Validate(options);
        return options;
    }
}
