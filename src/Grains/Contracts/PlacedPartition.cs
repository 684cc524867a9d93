using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

/// <summary>One partition to compute and where its data is; null when it is nowhere in particular.</summary>
[GenerateSerializer, Immutable, Alias("microspark.PlacedPartition")]
internal readonly record struct PlacedPartition([property: Id(0)] int Partition, [property: Id(1)] WorkerId? Preferred);
