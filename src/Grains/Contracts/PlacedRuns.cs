using System.Buffers;
using MicroSpark.Model;

namespace MicroSpark.Grains.Contracts;

/// <summary>
/// Placed partitions by their runs: an owner's share is thousands of neighbours that few workers were dealt, of which each would name its
/// worker. At worst, when no two neighbours are at one worker, a partition takes about five bytes.
/// </summary>
/// <param name="Partitions">In the order of <paramref name="Places"/>.</param>
/// <param name="Workers">That have any of them.</param>
/// <param name="Places">For each run at one place that place and the run's length, as varints: 0 for nowhere, or from 1 on twice the
/// worker's index, and one more when the run was only dealt to it.</param>
[GenerateSerializer, Immutable, Alias("microspark.PlacedRuns")]
internal sealed record PlacedRuns(
    [property: Id(0)] PartitionRuns Partitions,
    [property: Id(1)] WorkerId[] Workers,
    [property: Id(2)] byte[] Places)
{
    public static PlacedRuns Of(IReadOnlyList<PlacedPartition> placed)
    {
        var workers = new Dictionary<WorkerId, int>();
        var places = new ArrayBufferWriter<byte>();
        var partitions = new int[placed.Count];
        for (var i = 0; i < partitions.Length;)
        {
            var (start, (_, at, dealt)) = (i, placed[i]);
            for (; i < partitions.Length && placed[i].Preferred == at && placed[i].Dealt == dealt; i++)
            {
                partitions[i] = placed[i].Partition;
            }

            PartitionRuns.Write(places, at is { } worker ? 1 + (2 * (uint)IndexOf(worker)) + (dealt ? 1u : 0u) : 0);
            PartitionRuns.Write(places, (uint)(i - start));
        }

        return new PlacedRuns(PartitionRuns.Of(partitions), [.. workers.Keys], places.WrittenSpan.ToArray());

        int IndexOf(WorkerId worker)
        {
            if (!workers.TryGetValue(worker, out var index))
            {
                workers.Add(worker, index = workers.Count);
            }

            return index;
        }
    }

    /// <exception cref="InvalidDataException">The runs are damaged, or do not fit the partitions.</exception>
    public PlacedPartition[] ToArray()
    {
        var partitions = Partitions.ToArray();
        var placed = new PlacedPartition[partitions.Length];
        var at = 0;
        for (var i = 0; at < Places.Length;)
        {
            var place = PartitionRuns.Read(Places, ref at);
            var left = PartitionRuns.Read(Places, ref at);
            if (left > partitions.Length - i || (place > 0 && (place - 1) / 2 >= (uint)Workers.Length))
            {
                throw new InvalidDataException(
                    $"{left} partitions are placed where {partitions.Length - i} are left, at place {place} of {Workers.Length} workers.");
            }

            for (; left > 0; left--, i++)
            {
                placed[i] = place == 0
                    ? new PlacedPartition(partitions[i], null)
                    : new PlacedPartition(partitions[i], Workers[(place - 1) / 2], Dealt: (place - 1) % 2 == 1);
            }
        }

        return placed;
    }
}
