using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MicroSpark.Simulation.Loop;
using Orleans.Runtime;

namespace MicroSpark.Simulation.Fabric;

/// <summary>The table of members, which all silos read in the end.</summary>
internal sealed class MembershipTable
{
    private readonly List<ClusterMembershipSnapshot> _versions = [new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(0))];

    public ClusterMembershipSnapshot Newest => _versions[^1];

    public void Set(SiloAddress silo, SiloStatus status, string name) => _versions.Add(new ClusterMembershipSnapshot(
        Newest.Members.SetItem(silo, new ClusterMember(silo, status, name)), new MembershipVersion(_versions.Count)));
}

/// <summary>What one silo knows of the members, at its own time.</summary>
internal sealed class MembershipView(Node node, MembershipTable table) : IClusterMembershipService
{
    private TaskCompletionSource _changed = new();

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = table.Newest;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => FollowAsync();

    /// <summary>The silos that take part, by age.</summary>
    public IEnumerable<SiloAddress> Active =>
        CurrentSnapshot.Members.Values.Where(static m => m.Status == SiloStatus.Active).Select(static m => m.SiloAddress).Order();

    /// <summary>The silos that have died.</summary>
    public IEnumerable<SiloAddress> Dead =>
        CurrentSnapshot.Members.Values.Where(static m => m.Status == SiloStatus.Dead).Select(static m => m.SiloAddress);

    /// <summary>The silo reads the table.</summary>
    /// <returns>The silos that it now knows to be dead, and did not before.</returns>
    public SiloAddress[] Read()
    {
        var (before, now) = (CurrentSnapshot, table.Newest);
        if (before.Version == now.Version)
        {
            return [];
        }

        CurrentSnapshot = now;
        node.World.Trace.Note($"{node.Name} sees members {now.Version.Value}");
        var changed = _changed;
        _changed = new TaskCompletionSource();
        changed.SetResult();
        return [.. now.Members.Values.Where(m => m.Status == SiloStatus.Dead && before.GetSiloStatus(m.SiloAddress) != SiloStatus.Dead)
            .Select(static m => m.SiloAddress).Order()];
    }

    public bool IsDead(SiloAddress silo) => CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead;

    public bool IsActive(SiloAddress silo) => CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Active;

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("No grain of MicroSpark asks for this.");

    public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException("No grain of MicroSpark kills a silo.");

    private async IAsyncEnumerable<ClusterMembershipSnapshot> FollowAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var seen = -1L;
        while (true)
        {
            var changed = _changed.Task;
            if (CurrentSnapshot.Version.Value > seen)
            {
                seen = CurrentSnapshot.Version.Value;
                yield return CurrentSnapshot;
            }
            else
            {
                await changed.WaitAsync(stop);
            }
        }
    }
}
