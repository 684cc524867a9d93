using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Placement;

/// <summary>One partition to compute and where its data is; null when it is nowhere in particular.</summary>
[GenerateSerializer, Immutable, Alias("microspark.PlacedPartition")]
internal readonly record struct PlacedPartition([property: Id(0)] int Partition, [property: Id(1)] WorkerId? Preferred);

/// <summary>
/// Placement follows data, then load: what has a live preferred worker goes there; the rest is dealt out by slots in contiguous ranges,
/// so that neighbours, which later stages read together, are together.
/// </summary>
internal static class Spread
{
    /// <param name="workers">Live workers, at least one, in an order that is the same everywhere.</param>
    /// <param name="salt">Where dealing begins: sets smaller than the cluster should not all land on its first worker.</param>
    public static WorkerId[] Over(IReadOnlyList<PlacedPartition> partitions, IReadOnlyList<WorkerDescription> workers, LineageId salt)
    {
        var placed = new WorkerId[partitions.Count];
        if (workers.Count == 1)
        {
            Array.Fill(placed, workers[0].Id);
            return placed;
        }

        var live = workers.Select(w => w.Id).ToHashSet();
        var free = new List<int>();
        for (var i = 0; i < placed.Length; i++)
        {
            if (partitions[i].Preferred is { } preferred && live.Contains(preferred))
            {
                placed[i] = preferred;
            }
            else
            {
                free.Add(i);
            }
        }

        var first = (int)(salt.Low % (UInt128)workers.Count);
        var slots = workers.Sum(w => (long)Math.Max(1, w.Slots));
        long before = 0;
        var next = 0;
        for (var w = 0; w < workers.Count && next < free.Count; w++)
        {
            var worker = workers[(first + w) % workers.Count];
            before += Math.Max(1, worker.Slots);
            var end = (int)((free.Count * before + slots - 1) / slots);
            for (; next < end && next < free.Count; next++)
            {
                placed[free[next]] = worker.Id;
            }
        }

        return placed;
    }
}
