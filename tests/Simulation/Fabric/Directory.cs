using MicroSpark.Hashing;
using Orleans.Runtime;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// Where activations are. Each place is written down at one silo, by a hash of the grain; what that one knew goes with it. It knows what was
/// registered, and not which silos have died: who asks goes by what he knows himself. So while a death spreads, two of a grain's
/// activations may live, each found by those who know as much as its maker: whoever does not know of the death goes on asking the silo that
/// has died, or his own memory of what it said.
/// </summary>
internal sealed class Directory
{
    private readonly Dictionary<GrainId, List<(SiloProcess At, SiloAddress Owner)>> _places = [];

    /// <summary>The silo at which a grain's place is written down, for somebody who sees these members.</summary>
    public static SiloAddress? OwnerOf(GrainId grain, MembershipView view) => view.Active
        .MaxBy(silo => (StringHash.Of($"{grain} {silo}"), silo));

    /// <summary>Where the grain is for somebody who sees these members; null when it is nowhere.</summary>
    public SiloProcess? Find(GrainId grain, MembershipView view)
    {
        if (!_places.TryGetValue(grain, out var places))
        {
            return null;
        }

        var asked = OwnerOf(grain, view);
        return places.FindLast(place => view.IsActive(place.At.Address) && place.Owner.Equals(asked)).At
            ?? places.FindLast(place => view.IsActive(place.At.Address) && view.IsActive(place.Owner)).At;
    }

    public void Register(GrainId grain, SiloProcess silo, SiloAddress owner)
    {
        if (!_places.TryGetValue(grain, out var places))
        {
            _places[grain] = places = [];
        }

        places.RemoveAll(place => place.At == silo);
        places.Add((silo, owner));
    }

    public void Unregister(GrainId grain, SiloProcess silo) => _places.GetValueOrDefault(grain)?.RemoveAll(place => place.At == silo);
}
