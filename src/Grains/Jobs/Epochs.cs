using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>
/// The number under which an activation owns its job. The upper half is a round: one more than the round of the record that the activation
/// took over. The lower half is drawn at random.
/// <para>
/// While silos go, two activations of one grain may take over from the same record. Their rounds are equal, and their epochs still differ,
/// except in one case in two thousand million. So a worker that keeps the record for both turns one of them away, and a watcher that meets
/// both begins anew with each. These are the ballot numbers of L. Lamport, "The Part-Time Parliament" (1998).
/// </para>
/// </summary>
internal static class Epochs
{
    private const int OwnBits = 32;

    /// <summary>Greater than the former owner's; 0 comes before all.</summary>
    public static long After(long former) => (RoundOf(former) + 1) << OwnBits | (uint)Chance.Source.Next();

    /// <summary>How many owners there were, counted from 1.</summary>
    public static long RoundOf(long epoch) => epoch >> OwnBits;
}
