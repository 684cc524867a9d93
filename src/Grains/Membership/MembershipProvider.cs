using MicroSpark.Options;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;

namespace MicroSpark.Grains.Membership;

/// <summary>Connects silos and clients to the membership that the options name.</summary>
internal static class MembershipProvider
{
    public const string Sqlite = "System.Data.SQLite";
    public const string PostgreSql = "Npgsql";

    private static readonly string[] Known =
        [Sqlite, PostgreSql, "Microsoft.Data.SqlClient", "MySql.Data.MySqlClient", "MySql.Data.MySqlConnector", "Oracle.DataAccess.Client"];

    /// <summary>How Orleans names the provider; our two short names, else the name as it is given.</summary>
    public static string InvariantOf(MembershipOptions options) => options.Provider.ToUpperInvariant() switch
    {
        "SQLITE" => Sqlite,
        "POSTGRESQL" or "POSTGRES" => PostgreSql,
        _ => options.Provider,
    };

    /// <exception cref="InvalidSettingException">Orleans' AdoNet clustering does not know the provider.</exception>
    public static void RequireKnown(MembershipOptions options)
    {
        if (!Known.Contains(InvariantOf(options)))
        {
            throw new InvalidSettingException(
                "Membership:Provider", options.Provider,
                $"InMemory, Sqlite, PostgreSql, or an AdoNet invariant: {string.Join(", ", Known)}");
        }
    }

    public static ISiloBuilder UseMembership(this ISiloBuilder silo, MicroSparkOptions options, SiloMode mode)
    {
        silo.Configure<ClusterMembershipOptions>(membership => Tune(membership, mode.Embedded));
        if (mode.Membership is { } table)
        {
            silo.Services.AddSingleton(table);
            silo.Services.AddSingleton<IMembershipTable, InMemoryMembershipTable>();
            return silo;
        }

        return silo.UseAdoNetClustering(ado =>
        {
            ado.Invariant = InvariantOf(options.Membership);
            ado.ConnectionString = MembershipConnection.Effective(options.Membership);
        });
    }

    public static IClientBuilder UseMembership(this IClientBuilder client, MicroSparkOptions options, InMemoryMembership? membership)
    {
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        if (membership is not null)
        {
            client.Services.AddSingleton(membership);
            client.Services.AddSingleton<IGatewayListProvider, InMemoryGatewayListProvider>();
            return client;
        }

        return client.UseAdoNetClustering(ado =>
        {
            ado.Invariant = InvariantOf(options.Membership);
            ado.ConnectionString = MembershipConnection.Effective(options.Membership);
        });
    }

    /// <summary>
    /// A killed silo is declared dead within a second or two. Three missed probes rather than two: a false death costs a worker's blocks.
    /// Silos of one process live and die together, so there they do not judge each other: a debugger's pause must not end the process.
    /// </summary>
    private static void Tune(ClusterMembershipOptions membership, bool embedded)
    {
        membership.LivenessEnabled = !embedded;
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 3;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(embedded ? 1 : 5);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
    }
}
