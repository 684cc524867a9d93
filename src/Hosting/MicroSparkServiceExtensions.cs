using MicroSpark.Closures;
using MicroSpark.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace MicroSpark;

/// <summary>Gives a host a <see cref="MicroSparkContext"/> to inject.</summary>
public static class MicroSparkServiceExtensions
{
    /// <summary>
    /// Adds a <see cref="MicroSparkContext"/> that lives as long as the host. Where it computes: on the host's own silo, when that has
    /// <c>AddMicroSpark</c> too; else on the cluster of the setting <c>MicroSpark:Membership</c>; else, with no such setting, on a silo in
    /// this process that nobody else can connect to. Settings come from the section <c>MicroSpark</c> of the host's configuration, and
    /// messages go to the host's log.
    /// </summary>
    /// <remarks>
    /// The context may be injected anywhere, and be used from the start of the host on: embedded or connected, before any other service
    /// starts; on the host's silo, when the silo is active. It is closed after all services have stopped, or before that silo stops. Jobs
    /// that run then are cancelled.
    /// </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes settings after the configuration was read. On the host's silo, what concerns workers
    /// (<see cref="MicroSparkOptions.Slots"/>, <see cref="MicroSparkOptions.MemoryBudget"/>, <see cref="MicroSparkOptions.Secret"/>) is set
    /// by the silo's own <c>AddMicroSpark</c>.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="InvalidOperationException">It was called before on these services.</exception>
    public static IServiceCollection AddMicroSpark(this IServiceCollection services, Action<MicroSparkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ShippingRules.EnsureAwaitable(configure, nameof(configure));
        if (services.Any(static service => service.ServiceType == typeof(HostedContext)))
        {
            throw new InvalidOperationException("AddMicroSpark was called twice on one service collection. Call it once.");
        }

        services.AddSingleton(provider => new HostedContext(provider, configure));
        services.AddSingleton(static provider => provider.GetRequiredService<HostedContext>().Context);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<HostedContext>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<HostedContext>());
        return services;
    }

    /// <summary>
    /// Adds a check that the host's <see cref="MicroSparkContext"/> can be used: the host has started, and a worker answers. It belongs to
    /// the question whether the program is ready, not to whether it lives: a worker that is away comes back without this program's restart.
    /// </summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name in reports. Default <c>microspark</c>.</param>
    /// <param name="tags">By which an endpoint chooses its checks; none by default.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddMicroSpark(
        this IHealthChecksBuilder builder, string name = "microspark", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.AddCheck<MicroSparkHealthCheck>(name, tags: tags ?? []);
    }
}
