using MicroSpark.Engine;
using MicroSpark.Grains.Access;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Slots;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;

namespace MicroSpark.Grains.Hosting;

/// <summary>Everything that a silo needs to be a worker, in its own and in somebody else's host.</summary>
internal static class WorkerRegistration
{
    public static ISiloBuilder AddWorker(this ISiloBuilder builder, MicroSparkOptions options, SiloMode mode)
    {
        var services = builder.Services;
        if (services.Any(s => s.ServiceType == typeof(SiloMode)))
        {
            throw new InvalidOperationException("AddMicroSpark was called twice on one silo builder. Call it once.");
        }

        LocalZone.Apply(options.TimeZone);
        services.AddSingleton(options);
        services.AddSingleton(mode);
        services.AddSingleton(EffectiveSettings.Of(options, mode.SilosInProcess, mode.Embedded));
        services.AddSingleton(sp => new AuditLog(
            sp.GetRequiredService<ILoggerFactory>(), sp.GetRequiredService<TimeProvider>(), enabled: !mode.Embedded));
        services.AddClusterSecret(mode.Secret, Caller.Worker, mode.Tls);
        services.AddBlockTransport(shareProcess: options.Isolation == Isolation.Process);
        services.AddSingleton(static sp => CreateEngine(sp));
        services.AddSingleton(static sp => sp.GetRequiredService<WorkerEngine>().Stores);
        services.AddSingleton<DataPlaneServer>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, WorkerLifecycle>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, HostBudget>();
        if (mode is { Embedded: false, Guest: false })
        {
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, PortWatch>();
        }

        services.AddMicroSparkGrains();
        if (mode.Secret.Named.Count > 0 || mode.Tls is not null)
        {
            // Only with names, or with certificates that may have roles in them, is there somebody who may do less than all.
            if (mode.Secret.Named.Count > 0)
            {
                OrleansMessages.Check();
            }

            builder.AddIncomingGrainCallFilter<AccessFilter>();
        }

        if (mode.Guest)
        {
            // Anybody whom the host lets in can call grains; ours want to see the secret. In our own hosts the connections see to it.
            builder.AddIncomingGrainCallFilter<ProofCheckFilter>();
            builder.AddOutgoingGrainCallFilter<ProofFilter>();
        }

        return builder;
    }

    /// <summary>What silos and clients share: the secret and the proofs made with it.</summary>
    /// <param name="caller">What the process says of itself.</param>
    /// <param name="tls">Null without certificates.</param>
    public static IServiceCollection AddClusterSecret(this IServiceCollection services, ClusterSecret secret, string caller, TlsFiles? tls)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(sp => secret.LogTo(sp.GetRequiredService<ILoggerFactory>()));
        if (tls is not null)
        {
            services.TryAddSingleton(sp => tls.LogTo(sp.GetRequiredService<ILoggerFactory>()));
        }

        services.TryAddSingleton<CallArguments>();
        services.TryAddSingleton(static sp =>
        {
            // What the handshake seals needs no more; a silo of a host without it, and a client of such a host, are on their own.
            var (secured, plain) = (sp.GetService<HandshakeMiddleware>() is not null, sp.GetService<PlainPeers>());
            return ActivatorUtilities.CreateInstance<CallProof>(sp, () => !secured || plain?.Any == true);
        });
        services.TryAddSingleton(sp => ActivatorUtilities.CreateInstance<RequestProof>(sp, caller));
        services.TryAddTransient<ReplayGuard>();
        return services;
    }

    /// <summary>The data plane's reader, for silos and clients.</summary>
    /// <param name="blockPatience">Of a client, which has no other means to know of a worker's death.</param>
    public static IServiceCollection AddBlockTransport(
        this IServiceCollection services, bool shareProcess, TimeSpan? blockPatience = null)
    {
        services.TryAddSingleton<IDataPlaneDirectory, WorkerAddresses>();
        services.TryAddSingleton<IBlockTransport>(sp => new HttpBlockTransport(
            (worker, stop) => sp.GetRequiredService<IDataPlaneDirectory>().FindAsync(worker, stop),
            sp.GetRequiredService<RequestProof>(), shareProcess, sp.GetRequiredService<TimeProvider>(), tls: sp.GetService<TlsFiles>(),
            life: worker => sp.GetRequiredService<IDataPlaneDirectory>().LifeOf(worker), blockPatience: blockPatience));
        return services;
    }


    private static WorkerEngine CreateEngine(IServiceProvider services)
    {
        var settings = services.GetRequiredService<EffectiveSettings>();
        var options = services.GetRequiredService<MicroSparkOptions>();
        var mode = services.GetRequiredService<SiloMode>();
        return new WorkerEngine(
            WorkerIds.Of(services.GetRequiredService<ILocalSiloDetails>().SiloAddress),
            new WorkerEngineOptions(
                settings.Slots, options.Fused, options.Isolation == Isolation.Simulated, settings.MemoryBudget,
                ClientsInProcess: mode.Embedded, SpillDirectory: options.SpillDirectory,
                LeavesWhenExhausted: mode is { Embedded: false, Guest: false })
            {
                Approved = ApprovedFile.Read(options, services.GetRequiredService<ILoggerFactory>()),
                MaxLineSize = EffectiveSettings.MaxLineSizeOf(options),
                Limits = OwnerLimits.Of(options),
                Shares = new ShareRules(
                    options.Scheduling.Mode, options.Scheduling.Weights,
                    options.Secrets.ToDictionary(static named => named.Name, static named => named.Weight)),
            },
            services.GetRequiredService<IBlockTransport>(),
            services.GetRequiredService<ILocationSource>(),
            services.GetRequiredService<TimeProvider>());
    }
}
