using MicroSpark.Closures;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Security;
using Orleans.Hosting;

namespace MicroSpark;

/// <summary>Turns silos of an Orleans application into MicroSpark workers.</summary>
public static class MicroSparkSiloBuilderExtensions
{
    /// <summary>
    /// Makes this silo a MicroSpark worker. Clustering, ports and everything else of Orleans stay as the host has set them; settings of
    /// MicroSpark come from the section <c>MicroSpark</c> of the host's configuration, of which <c>Membership</c> and <c>ClusterId</c> do
    /// not count here. Call it on every silo that is to compute, with the same secret. The tables that <c>UseAdoNetClustering</c> needs are
    /// made where they are missing, in SQLite and in PostgreSQL.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes settings after the configuration was read.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    public static ISiloBuilder AddMicroSpark(this ISiloBuilder builder, Action<MicroSparkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ShippingRules.EnsureAwaitable(configure, nameof(configure));
        var options = MicroSparkConfiguration.Read(builder.Configuration, configure);
        builder.AddWorker(options, SiloMode.GuestOf(options));
        builder.Services.AddGuestMembership();
        return builder;
    }

    /// <summary>
    /// The same with settings that come asynchronously. A host is built without awaiting, so the calling thread waits for them.
    /// </summary>
    /// <typeparam name="TTask">A task. The type of <c>null</c> cannot be told, so that stands for no changes above.</typeparam>
    /// <inheritdoc cref="AddMicroSpark(ISiloBuilder, Action{MicroSparkOptions})" />
    public static ISiloBuilder AddMicroSpark<TTask>(this ISiloBuilder builder, Func<MicroSparkOptions, TTask> configure)
        where TTask : Task
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddMicroSpark(options => configure(options).GetAwaiter().GetResult());
    }

    /// <summary>
    /// Makes every connection of this silo, from other silos and from clients, prove the cluster's secret before Orleans speaks.
    /// Without it only MicroSpark's own calls and its data plane ask for a proof. Call it on all silos, and
    /// <see cref="UseMicroSparkConnectionSecurity(IClientBuilder)"/> on the application's own clients.
    /// </summary>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder UseMicroSparkConnectionSecurity(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSecureSiloConnections();
        return builder;
    }

    /// <summary>The client's side of <see cref="UseMicroSparkConnectionSecurity(ISiloBuilder)"/>; reads the same settings.</summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">A setting is out of its bound; the message names it, its value and the bound.</exception>
    public static IClientBuilder UseMicroSparkConnectionSecurity(this IClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = MicroSparkConfiguration.Read(builder.Configuration, null);
        builder.Services
            .AddClusterSecret(
                ClusterSecret.Of(options), Caller.OfProcess,
                options.Tls.Enabled ? new TlsFiles(options, PeerCertificate.ClientRole) : null)
            .AddSecureClientConnections(acceptPlain: false);
        return builder;
    }
}
