using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace MicroSpark.Grains.Membership;

/// <summary>What Orleans asks of a membership table, over one <see cref="InMemoryMembership"/>.</summary>
internal sealed class InMemoryMembershipTable(InMemoryMembership membership) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        membership.Clear();
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        membership.RemoveDead(beforeDate);
        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(membership.Read(key));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(membership.Read(null));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        Task.FromResult(membership.TryInsert(entry, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Task.FromResult(membership.TryUpdate(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        membership.UpdateIAmAlive(entry.SiloAddress, entry.IAmAliveTime);
        return Task.CompletedTask;
    }
}

/// <summary>Where a client of the same process finds the silos' gateways.</summary>
internal sealed class InMemoryGatewayListProvider(InMemoryMembership membership, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>(
    [
        .. membership.Read(null).Members.Select(m => m.Item1)
            .Where(m => m.Status == SiloStatus.Active && m.ProxyPort > 0)
            .Select(m => SiloAddress.New(m.SiloAddress.Endpoint.Address, m.ProxyPort, m.SiloAddress.Generation).ToGatewayUri()),
    ]);
}
