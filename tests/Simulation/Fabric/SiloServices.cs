using MicroSpark.Engine;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Plans;
using MicroSpark.Simulation.Loop;
using MicroSpark.Slots;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;

namespace MicroSpark.Simulation.Fabric;

/// <summary>A silo's services: the product's own registrations, on the fabric's members, references, clock and threads.</summary>
internal static class SiloServices
{
    private const long MemoryBudget = 64 << 20;

    public static ServiceProvider Build(SiloProcess silo, Lane pool)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(silo.Time);
        services.AddSingleton(new BackgroundWork(pool));
        services.AddSingleton<IClusterMembershipService>(silo.Members);
        services.AddSingleton<IGrainFactory>(silo.References);
        services.AddSingleton<ILocalSiloDetails>(new Details(silo));
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(new MicroSparkOptions());
        services.AddSingleton(new AuditLog(NullLoggerFactory.Instance, silo.Time, enabled: false));
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(provider => EngineOf(silo, provider));
        services.AddMicroSparkGrains();

        // Nobody measures, and there is no data port.
        services.AddSingleton(static provider => new SiloEvents(
            provider.GetRequiredService<WorkerEngine>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWorkerIdentity>(new Identity(silo));
        return services.BuildServiceProvider();
    }

    private static WorkerEngine EngineOf(SiloProcess silo, IServiceProvider provider) => new(
        new WorkerId(silo.Address.ToParsableString()),
        new WorkerEngineOptions(silo.Cluster.Slots, Fused: false, SimulatedIsolation: false, MemoryBudget)
        {
            Threads = new FiberThreads(silo.World, silo),
            Background = new BackgroundWork(AtOnce.Instance),
        },
        new DataPlane(silo.Cluster), new WaitingLocations(provider.GetRequiredService<BackgroundWork>(), provider), silo.Time);

    /// <summary>Answers where a task asks, whose thread waits for them.</summary>
    private sealed class WaitingLocations(BackgroundWork work, IServiceProvider provider) : ILocationSource
    {
        // The source asks grains, whose calls need the engine that needs this.
        private readonly Lazy<ILocationSource> _source = new(provider.GetRequiredService<ILocationSource>);

        public Task<BlockMap> LocateAsync(LineageId lineage, long minVersion, CancellationToken cancellationToken)
        {
            if (Fibers.Current is not { } fiber)
            {
                return _source.Value.LocateAsync(lineage, minVersion, cancellationToken);
            }

            // Not on the task's thread, which may wait and has no scheduler.
            var answer = work.Run(() => _source.Value.LocateAsync(lineage, minVersion, cancellationToken));
            fiber.Wait(answer);
            return answer;
        }

        public void Forget(LineageId lineage) => _source.Value.Forget(lineage);
    }

    private sealed class Details(SiloProcess silo) : ILocalSiloDetails
    {
        public string Name => silo.Name;

        public string ClusterId => "simulation";

        public string DnsHostName => silo.Name;

        public SiloAddress SiloAddress => silo.Address;

        public SiloAddress GatewayAddress => silo.Address;
    }

    private sealed class Identity(SiloProcess silo) : IWorkerIdentity
    {
        public string Name => silo.Name;

        public string Address => silo.Address.Endpoint.ToString();

        public string DataAddress => "";
    }

    /// <summary>Loads plans where they are asked for, in no time: what is loaded is all in this process.</summary>
    private sealed class AtOnce : TaskScheduler
    {
        public static AtOnce Instance { get; } = new();

        protected override void QueueTask(Task task) => TryExecuteTask(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
