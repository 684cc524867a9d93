using Orleans.Runtime;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// Where activations are. It knows what was registered, and not which silos have died: who asks goes by what he knows himself. So while a
/// death spreads, two of a grain's activations may live, each found by those who know as much as its maker.
/// </summary>
internal sealed class Directory
{
    private readonly Dictionary<GrainId, List<SiloProcess>> _places = [];

    /// <summary>Where the grain is for somebody who sees these members; null when it is nowhere.</summary>
    public SiloProcess? Find(GrainId grain, MembershipView view) =>
        _places.TryGetValue(grain, out var places) ? places.FindLast(silo => view.IsActive(silo.Address)) : null;

    public void Register(GrainId grain, SiloProcess silo)
    {
        if (!_places.TryGetValue(grain, out var places))
        {
            _places[grain] = places = [];
        }

        if (!places.Contains(silo))
        {
            places.Add(silo);
        }
    }

    public void Unregister(GrainId grain, SiloProcess silo) => _places.GetValueOrDefault(grain)?.Remove(silo);
}
