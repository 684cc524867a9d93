using MicroSpark.Plans;

namespace MicroSpark.Grains.Placement;

/// <summary>Which partition of a kept output lies nearest to each partition of a stage.</summary>
/// <param name="Input">The kept output's node.</param>
/// <param name="ParentOf">For each asked partition one that it reads through narrow edges, or -1.</param>
internal sealed record Locality(int Input, int[] ParentOf)
{
    /// <summary>
    /// Walks narrow edges from the stage's root down to the kept output that the most partitions reach. Null when there is none, as
    /// behind a shuffle. A walk with a loop; an edge one to one hands the same array on.
    /// </summary>
    public static Locality? Of(PlanSkeleton skeleton, int stageRoot, int[] partitions)
    {
        var ways = new Dictionary<int, int[]> { [stageRoot] = partitions };
        var order = new PriorityQueue<int, int>();
        order.Enqueue(stageRoot, -stageRoot);
        Locality? best = null;
        var most = 0;
        while (order.TryDequeue(out var index, out _))
        {
            var node = skeleton.Nodes[index];
            var way = ways[index];
            if (index != stageRoot && node.Output != OutputKind.Fused)
            {
                var reached = way.Count(static p => p >= 0);
                if (reached > most)
                {
                    (best, most) = (new Locality(index, way), reached);
                }

                continue;
            }

            foreach (var (parent, map) in node.Parents)
            {
                if (map is PartitionMap.All || ways.ContainsKey(parent))
                {
                    continue;
                }

                ways.Add(parent, map is PartitionMap.OneToOne ? way : Array.ConvertAll(way, p => p < 0 ? -1 : First(map.Of(p)!)));
                order.Enqueue(parent, -parent);
            }
        }

        return best;
    }

    private static int First(IEnumerable<int> parents)
    {
        foreach (var parent in parents)
        {
            return parent;
        }

        return -1;
    }
}
