namespace MicroSpark.Grains.Jobs;

/// <summary>
/// Under what number an activation owns its job: a round, one more than the record's that it took over from, and below it a number of its own. While silos go,
/// two activations of one grain may take over from the same record; but for one case in two thousand million they do not share an epoch, so that a worker that keeps the record
/// for both turns one of them away, and a watcher that meets both in turn begins anew with each. The ballot numbers of L. Lamport, "The Part-Time Parliament" (1998).
/// </summary>
internal static class Epochs
{
    private const int OwnBits = 32;

    /// <summary>Greater than the former owner's; 0 comes before all.</summary>
    public static long After(long former) => (RoundOf(former) + 1) << OwnBits | (uint)Random.Shared.Next();

    /// <summary>How many owners there were, counted from 1.</summary>
    public static long RoundOf(long epoch) => epoch >> OwnBits;
}
