using MicroSpark.Code;

namespace MicroSpark.Plans;

/// <summary>The skeleton as bytes. Builds of other numbers read it: what it looks like has a number of its own.</summary>
internal static class SkeletonCodec
{
    private const int Format = 1;

    /// <summary>The fewest bytes of a node: its id and six numbers, of which two are the lengths of its names.</summary>
    private const int LeastNodeBytes = 32 + (6 * sizeof(int));
    private const int EdgeBytes = 4 * sizeof(int);

    public static byte[] Write(PlanSkeleton skeleton)
    {
        var w = new PlanWriter();
        w.Int32(Format);
        w.Int32(skeleton.Nodes.Count);
        foreach (var node in skeleton.Nodes)
        {
            w.Lineage(node.Lineage);
            w.Text(node.Operator);
            w.Text(node.Name);
            w.Int32(node.NumPartitions);
            w.Int32((int)node.Output | (node.StorageLevel << 8) | (node.SideEffects ? 1 << 16 : 0) | (node.Barrier ? 1 << 17 : 0));
            w.Int32(node.StageId);
            w.Int32(node.Parents.Count);
            foreach (var (parent, map) in node.Parents)
            {
                w.Int32(parent);
                var (kind, a, b) = map switch
                {
                    PartitionMap.OneToOne => (0, 0, 0),
                    PartitionMap.Slice slice => (1, slice.Start, slice.Count),
                    PartitionMap.Groups groups => (2, groups.ParentCount, groups.Count),
                    PartitionMap.Grid grid => (3, grid.Divisor, grid.Modulus),
                    PartitionMap.Shift shift => (4, shift.Offset, 0),
                    PartitionMap.All => (5, 0, 0),
                    PartitionMap.Window window => (6, window.First, window.Last),
                    _ => throw new InvalidOperationException($"No encoding for the partition map {map}."),
                };
                w.Int32(kind);
                w.Int32(a);
                w.Int32(b);
            }
        }

        return w.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">It is of a later build, or damaged.</exception>
    public static PlanSkeleton Read(ReadOnlyMemory<byte> bytes)
    {
        var r = new PlanReader(bytes, [], CodeSpace.Process);
        if (r.Int32() is not Format and var other)
        {
            throw new InvalidDataException($"The plan's outline has format {other}, and this build of MicroSpark reads format {Format}.");
        }

        var nodes = new SkeletonNode[r.Count(LeastNodeBytes)];
        var lineages = new HashSet<LineageId>(nodes.Length);
        for (var i = 0; i < nodes.Length; i++)
        {
            var lineage = r.Lineage();
            var name = r.Text();
            var given = r.TextOrNull();
            var partitions = r.Int32();
            if (partitions < 0 || !lineages.Add(lineage))
            {
                throw PlanReader.Damaged($"node {i}, '{name}', has {partitions} partitions or the id of another one");
            }

            var flags = r.Int32();
            var stage = r.Int32();
            var edges = new SkeletonEdge[r.Count(EdgeBytes)];
            for (var e = 0; e < edges.Length; e++)
            {

                // Parents come first, so that no node is asked for before it is there.
                var parent = r.Index(i);
                var (kind, a, b) = (r.Int32(), r.Int32(), r.Int32());
                edges[e] = new SkeletonEdge(parent, kind switch
                {
                    0 => PartitionMap.OneToOne.Instance,
                    1 => new PartitionMap.Slice(a, b),
                    2 => new PartitionMap.Groups(a, b),
                    3 => new PartitionMap.Grid(a, b),
                    4 => new PartitionMap.Shift(a),
                    5 => PartitionMap.All.Instance,
                    6 => new PartitionMap.Window(a, b),
                    _ => throw PlanReader.Damaged($"{kind} is no kind of partition map"),
                });
            }

            nodes[i] = new SkeletonNode(
                lineage, name, given, partitions, (OutputKind)(flags & 0xff), (byte)(flags >> 8), (flags & (1 << 16)) != 0, stage, edges)
            {
                Barrier = (flags & (1 << 17)) != 0,
            };
        }

        return new PlanSkeleton(nodes);
    }
}
