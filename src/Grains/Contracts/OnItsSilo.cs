using Orleans.GrainDirectory;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace MicroSpark.Grains.Contracts;

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
    /// <exception cref="SiloUnavailableException">The silo is gone: a restarted one has another generation and is another
    /// worker.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return Array.IndexOf(context.GetCompatibleSilos(target), silo) >= 0
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"Worker {silo} is no live MicroSpark silo of this cluster.");
    }
}

/// <summary>
/// The directory of grains that live on the silo in their key. It has no entries, so that each call goes where the director says and needs
/// no third silo. Orleans' own directory keeps an entry on some silo. When that silo dies, a lookup fails until its death is noticed. The
/// activation is ended too, and its long polls hold that up for seconds.
/// </summary>
internal sealed class OnItsSiloDirectory : IGrainDirectory
{
    public const string Name = "microspark.on-its-silo";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
