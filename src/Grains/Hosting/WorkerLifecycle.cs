using System.Net;
using MicroSpark.Engine;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Grains.Workers;
using MicroSpark.Options;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Starts the worker before its silo becomes active and stops it after the silo's grains are gone. So each caller that reaches a grain of
/// this silo finds its data plane open.
/// </summary>
internal sealed class WorkerLifecycle(IServiceProvider services, MicroSparkOptions options, SiloMode mode)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private WorkerEngine? _engine;
    private DataPlaneServer? _server;
    private UiServer? _page;
    private IDisposable? _console;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(WorkerLifecycle), ServiceLifecycleStage.RuntimeGrainServices, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (mode is { Guest: true, Tls: not null } && services.GetService<HandshakeMiddleware>() is null)
        {
            throw new InvalidSettingException(
                "Tls:Authority", options.Tls.Authority,
                "UseMicroSparkConnectionSecurity() on the silo builder beside AddMicroSpark(), without which silos and clients of this "
                + "host talk in the open");
        }

        _engine = services.GetRequiredService<WorkerEngine>();
        _ = services.GetRequiredService<GivenUpTasks>();
        var logs = services.GetRequiredService<TaskLogs>();
        _engine.TaskLog = logs;
        if (logs.TakesConsole)
        {
            // The log exists by now: what it writes to the console is not a task's.
            _console = TaskConsole.Install();
        }

        LocalWorkers.Add(_engine.Stores);
        if (mode.DataPlane)
        {
            _server = services.GetRequiredService<DataPlaneServer>();
            await _server.StartAsync(IPAddress.Parse(options.Silo.Address), options.Silo.DataPort, cancellationToken);
        }

        if (mode.PagePort(options) is { } port)
        {
            _page = services.GetRequiredService<UiServer>();
            await _page.StartAsync(port, mode.Tls, cancellationToken);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_engine is not null)
        {
            LocalWorkers.Remove(_engine.Id);
        }

        _console?.Dispose();

        if (_page is not null)
        {
            await _page.StopAsync(cancellationToken);
        }

        if (_server is not null)
        {
            await _server.StopAsync(cancellationToken);
        }
    }
}
