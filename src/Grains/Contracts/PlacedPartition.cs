using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

/// <summary>One partition to compute and where its data is; null when it is nowhere in particular.</summary>
/// <param name="Dealt">The worker was only dealt the partition, and anybody who is free may take it.</param>
[GenerateSerializer, Immutable, Alias("microspark.PlacedPartition")]
internal readonly record struct PlacedPartition(
    [property: Id(0)] int Partition,
    [property: Id(1)] WorkerId? Preferred,
    [property: Id(2)] bool Dealt = false);
