using MicroSpark.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace MicroSpark.Grains.Membership;

/// <summary>
/// The clustering of a silo in somebody else's host is the host's choice. Orleans' AdoNet clustering brings no tables, and fails without
/// them in words of its own; so those that we know how to make are made here, before the silo joins.
/// </summary>
internal sealed class GuestMembership(IOptions<AdoNetClusteringSiloOptions> host, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(GuestMembership), ServiceLifecycleStage.RuntimeInitialize, EnsureTablesAsync);

    private Task EnsureTablesAsync(CancellationToken cancellationToken)
    {
        var (invariant, connection) = (host.Value.Invariant, host.Value.ConnectionString);
        return invariant is MembershipProvider.Sqlite or MembershipProvider.PostgreSql && !string.IsNullOrWhiteSpace(connection)
            ? MembershipSchema.EnsureAsync(
                new MembershipOptions { Provider = invariant, ConnectionString = connection }, create: true, time, cancellationToken)
            : Task.CompletedTask;
    }
}

/// <summary>Registers what a guest's membership needs.</summary>
internal static class GuestMembershipRegistration
{
    public static IServiceCollection AddGuestMembership(this IServiceCollection services)
    {
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, GuestMembership>();

        // What the host registers itself goes before it, in whichever order.
        services.TryAddSingleton<IMembershipTable>(static _ => throw new InvalidOperationException(
            "The host has a silo with AddMicroSpark and has chosen no clustering for it. Call silo.UseLocalhostClustering() for one "
            + "process, or silo.UseAdoNetClustering(...) or another provider for several."));
        return services;
    }
}
