using MicroSpark.Grains.Security;
using Orleans.Concurrency;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// The lock of a share of one RDD's partitions, which are neighbours. A partition in flight is never started twice: a later request awaits
/// the same computation. The lock is gone when nothing of its share is in flight.
/// </summary>
[Alias("microspark.IPartitionGrain"), RequiresProof]
internal interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts what is not in flight, unless the ticket is known already, and replies like a worker's batch: first reports.
    /// </summary>
    [AlwaysInterleave, Alias("Run")]
    Task<ReportPage> RunAsync([Immutable] ShareRequest request);

    /// <summary>The reports after the first <paramref name="seen"/> ones. A ticket that nobody asks about for 30 s is cancelled.</summary>
    [AlwaysInterleave, Alias("Next")]
    Task<ReportPage> NextAsync(BatchId ticket, int seen);

    /// <summary>From now on these jobs wait for what the ticket's owner wants.</summary>
    [AlwaysInterleave, Alias("Share")]
    Task ShareAsync(BatchId ticket, [Immutable] JobStake[] jobs);

    /// <summary>The ticket's owner no longer wants the partitions; those that nobody else wants are stopped.</summary>
    [AlwaysInterleave, Alias("Cancel")]
    Task CancelAsync(BatchId ticket);
}

/// <summary>Partitions of one owner's share to compute.</summary>
[GenerateSerializer, Immutable, Alias("microspark.RunRequest")]
internal sealed record ShareRequest(
    [property: Id(0)] BatchId Ticket,
    [property: Id(1)] StageSpec Stage,
    [property: Id(2)] InputVersion[] Inputs,
    [property: Id(3)] PlacedRuns Partitions);

/// <summary>The keys of the grains that own an RDD's partitions, each a share of neighbours.</summary>
internal static class PartitionShares
{
    public static string KeyOf(LineageId lineage, int share) => $"{lineage}/{share}";
}
