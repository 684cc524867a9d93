using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace MicroSpark.Placement;

/// <summary>A grain whose key names its silo, and which lives there or nowhere.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnItsSiloAttribute() : PlacementAttribute(OnItsSiloPlacement.Instance);

/// <inheritdoc cref="OnItsSiloAttribute" />
[GenerateSerializer, Immutable, Alias("microspark.OnItsSiloPlacement")]
internal sealed class OnItsSiloPlacement : PlacementStrategy
{
    public static OnItsSiloPlacement Instance { get; } = new();

    public override bool IsUsingGrainDirectory => true;
}

/// <summary>Places a grain on the silo that its key names.</summary>
internal sealed class OnItsSiloDirector : IPlacementDirector
{
    /// <exception cref="SiloUnavailableException">The silo is gone: a restarted one has another generation and is another worker.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return Array.IndexOf(context.GetCompatibleSilos(target), silo) >= 0
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"Worker {silo} is no live MicroSpark silo of this cluster.");
    }
}
