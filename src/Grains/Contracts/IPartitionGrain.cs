using MicroSpark.Grains.Placement;
using MicroSpark.Grains.Security;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// The lock of a run of neighbouring partitions of one RDD: a partition in flight is never started twice, whoever asks later awaits the
/// same computation. The key is lineage/run. It is gone when nothing of its run is in flight.
/// </summary>
[Alias("microspark.IPartitionGrain"), RequiresProof]
internal interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Starts what is not in flight, unless the ticket is known already, and replies like a worker's batch: first reports.</summary>
    [AlwaysInterleave, Alias("Run")]
    Task<ReportPage> RunAsync([Immutable] RunRequest request);

    /// <summary>The reports after the first <paramref name="seen"/> ones. A ticket that nobody asks about for 30 s is cancelled.</summary>
    [AlwaysInterleave, Alias("Next")]
    Task<ReportPage> NextAsync(BatchId ticket, int seen);

    /// <summary>The ticket's owner no longer wants the partitions; those that nobody else wants are stopped.</summary>
    [AlwaysInterleave, Alias("Cancel")]
    Task CancelAsync(BatchId ticket);
}

/// <summary>Partitions of one run to compute.</summary>
[GenerateSerializer, Immutable, Alias("microspark.RunRequest")]
internal sealed record RunRequest(
    [property: Id(0)] BatchId Ticket,
    [property: Id(1)] StageSpec Stage,
    [property: Id(2)] InputVersion[] Inputs,
    [property: Id(3)] PlacedPartition[] Partitions);

/// <summary>How an RDD's partitions are cut into runs.</summary>
internal static class PartitionRuns
{
    private const int FewestPerRun = 64;
    private const int MostRuns = 64;

    /// <summary>Neighbours per grain: 64, or more where that would take more than 64 grains.</summary>
    public static int Length(int numPartitions) => Math.Max(FewestPerRun, (numPartitions + MostRuns - 1) / MostRuns);

    public static string Key(LineageId lineage, int run) => $"{lineage}/{run}";
}
