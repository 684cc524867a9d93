using MicroSpark.Engine;
using MicroSpark.Grains.Archive;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Rdds;
using MicroSpark.Grains.Stages;
using MicroSpark.Grains.Ui;
using MicroSpark.Grains.Workers;
using MicroSpark.Slots;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Hosting;

namespace MicroSpark.Grains.Hosting;

/// <summary>What the grains of one silo need beside the engine.</summary>
internal static class GrainServices
{
    public static IServiceCollection AddMicroSparkGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(BackgroundWork.Pool);
        services.AddSingleton<ClusterView>();
        services.AddSingleton<IWorkerPool>(static sp => sp.GetRequiredService<ClusterView>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static sp => sp.GetRequiredService<ClusterView>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, JobWatch>();

        // The factory is resolved late: it needs the silo, which needs the engine, which needs this.
        services.AddSingleton<ILocationSource>(sp => new GrainLocationSource(
            (lineage, least) =>
            {
                var grain = sp.GetRequiredService<IGrainFactory>().GetGrain<IRddGrain>(lineage.ToString());
                return MapPages.ReadAsync((version, from) => from == 0 ? grain.LocateAsync(least) : grain.LocateRestAsync(version, from));
            },
            sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<BackgroundWork>()));
        services.AddSingleton<IWorkerIdentity, SiloIdentity>();
        services.AddSingleton<WorkerMeter>();
        services.AddSingleton(static sp =>
        {
            var (options, mode) = (sp.GetRequiredService<MicroSparkOptions>(), sp.GetRequiredService<SiloMode>());
            return new TaskLogs(
                sp.GetRequiredService<WorkerEngine>().Id, options.TaskLog, options.TaskLog.Console ?? mode.OwnsProcess,
                sp.GetRequiredService<ILoggerFactory>(),
                (job, said) => sp.GetRequiredService<IGrainFactory>().GetGrain<IJobGrain>(job.Value).SayAsync(said),
                sp.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(
            static sp => new SaidLines(sp.GetRequiredService<WorkerEngine>().Id, sp.GetRequiredService<MicroSparkOptions>().TaskLog));
        services.AddSingleton<SiloEvents>();
        services.AddSingleton<TransitionCounts>();
        services.AddSingleton<DeathBook>();
        services.AddSingleton<JobQuotas>();
        services.AddSingleton<ReservationTable>();
        services.AddSingleton<BatchTable>();
        services.AddSingleton(static provider =>
        {
            var leases = new LeaseTable(provider.GetRequiredService<TimeProvider>());
            var blocks = provider.GetRequiredService<WorkerEngine>().Blocks;
            (blocks.IsHeld, leases.HasBlocks) = (leases.IsHeld, blocks.Has);
            return leases;
        });
        services.AddSingleton<RecordTable>();
        services.AddSingleton<IResultOwners>(static sp => new JobOwners(sp.GetRequiredService<IGrainFactory>()));
        services.AddSingleton<GivenUpTasks>();
        services.AddSingleton<PlanLibrary>();
        services.AddSingleton<JobArchive>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static sp => sp.GetRequiredService<JobArchive>());
        services.AddSingleton<UiServer>();
        services.AddPlacementDirector<OnItsSiloPlacement, OnItsSiloDirector>();
        services.AddGrainDirectory(OnItsSiloDirectory.Name, static (_, _) => new OnItsSiloDirectory());
        return services;
    }
}
