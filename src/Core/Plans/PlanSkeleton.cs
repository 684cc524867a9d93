namespace MicroSpark.Plans;

/// <summary>
/// How the partitions of a node map to those of one parent. A closed set: the scheduler reads it without loading user code.
/// </summary>
internal abstract record PartitionMap
{
    /// <summary>The parent's partitions that <paramref name="partition"/> reads. Null means all of them.</summary>
    public abstract IEnumerable<int>? Of(int partition);

    /// <summary>Partition i reads the parent's partition i.</summary>
    public sealed record OneToOne : PartitionMap
    {
        public static OneToOne Instance { get; } = new();

        public override IEnumerable<int> Of(int partition) => [partition];
    }

    /// <summary>Partitions Start .. Start + Count - 1 read the parent's 0 .. Count - 1; the others read nothing of it (a union).</summary>
    public sealed record Slice(int Start, int Count) : PartitionMap
    {
        public override IEnumerable<int> Of(int partition) => partition >= Start && partition < Start + Count ? [partition - Start] : [];
    }

    /// <summary>
    /// Partition i of n reads the neighbours floor(i * c / n) .. floor((i + 1) * c / n) - 1 of the parent's c (a coalesce).
    /// </summary>
    public sealed record Groups(int ParentCount, int Count) : PartitionMap
    {
        public override IEnumerable<int> Of(int partition)
        {
            var (start, end) = Range(partition);
            return Enumerable.Range(start, end - start);
        }

        public (int Start, int End) Range(int partition) =>
            ((int)((long)partition * ParentCount / Count), (int)((long)(partition + 1) * ParentCount / Count));
    }

    /// <summary>Partition i reads the parent's i / Divisor % Modulus (a cartesian product's sides).</summary>
    public sealed record Grid(int Divisor, int Modulus) : PartitionMap
    {
        public override IEnumerable<int> Of(int partition) => [partition / Divisor % Modulus];
    }

    /// <summary>Partition i reads Offset + i (a pruned range).</summary>
    public sealed record Shift(int Offset) : PartitionMap
    {
        public override IEnumerable<int> Of(int partition) => [partition + Offset];
    }

    /// <summary>Partitions First .. Last read the parent's of the same number; the others read nothing.</summary>
    public sealed record Window(int First, int Last) : PartitionMap
    {
        public override IEnumerable<int> Of(int partition) => partition >= First && partition <= Last ? [partition] : [];
    }

    /// <summary>Every partition reads all of the parent's: a shuffle's reducers, or what is broadcast to each task.</summary>
    public sealed record All : PartitionMap
    {
        public static All Instance { get; } = new();

        public override IEnumerable<int>? Of(int partition) => null;
    }
}

/// <summary>One edge of the skeleton: the parent's index in the plan and the partitions that are read.</summary>
internal readonly record struct SkeletonEdge(int Parent, PartitionMap Map);

/// <summary>Whether a node's output outlives its task, and how.</summary>
internal enum OutputKind : byte
{
    /// <summary>Fused into the tasks of the stage that reads it.</summary>
    Fused = 0,

    /// <summary>Bucketed by reducer and kept for the readers.</summary>
    Shuffle = 1,

    /// <summary>Persisted by the user.</summary>
    Persisted = 2,

    /// <summary>The result of an action: belongs to its job.</summary>
    Result = 3,
}

/// <summary>What the scheduler knows of a node: nothing of it needs a user type.</summary>
internal sealed record SkeletonNode(
    LineageId Lineage, string Operator, string? Name, int NumPartitions, OutputKind Output, byte StorageLevel, bool SideEffects,
    int StageId,
    IReadOnlyList<SkeletonEdge> Parents)
{
    /// <summary>Whether the tasks of the stage that it is the root of run together.</summary>
    public bool Barrier { get; init; }

    /// <summary>The id that its client knows, where <see cref="Lineage"/> is the one under which somebody's outputs are kept.</summary>
    public LineageId? Recipe { get; init; }
}

/// <summary>
/// An input that must be there before a stage's tasks can run: some partitions (null: all) of a node whose output is kept.
/// </summary>
internal readonly record struct StageInput(int Node, IReadOnlyList<int>? Partitions);

/// <summary>
/// The part of a plan that grains read. Nodes are in topological order, parents first; the last one is the plan's root.
/// </summary>
internal sealed class PlanSkeleton(IReadOnlyList<SkeletonNode> nodes)
{
    private readonly Dictionary<LineageId, int> _index = nodes.Index().ToDictionary(n => n.Item.Lineage, n => n.Index);

    public IReadOnlyList<SkeletonNode> Nodes { get; } = nodes;

    public int Root => Nodes.Count - 1;

    /// <summary>The same plan as somebody's, whose outputs are kept apart from those of others.</summary>
    /// <param name="owner">Null for the cluster's own secret.</param>
    public PlanSkeleton KeptFor(string? owner) => owner is null
        ? this
        : new PlanSkeleton([.. Nodes.Select(node => node with { Lineage = node.Lineage.KeptFor(owner), Recipe = node.Lineage })]);

    public int IndexOf(LineageId lineage) =>
        _index.TryGetValue(lineage, out var index) ? index : throw new KeyNotFoundException($"The plan has no node {lineage}.");

    /// <summary>
    /// The kept outputs that partitions <paramref name="partitions"/> (null: all) of the stage with root <paramref name="stageRoot"/> read.
    /// A walk with a loop: nodes from the root down, so that a diamond's sets are merged before they are followed.
    /// </summary>
    public IReadOnlyList<StageInput> InputsOf(int stageRoot, IReadOnlyList<int>? partitions)
    {
        var wanted = new Dictionary<int, PartitionSet> { [stageRoot] = PartitionSet.Of(partitions) };
        var order = new PriorityQueue<int, int>();
        order.Enqueue(stageRoot, -stageRoot);
        var inputs = new List<StageInput>();
        while (order.TryDequeue(out var index, out _))
        {
            var node = Nodes[index];
            var set = wanted[index];
            if (index != stageRoot && node.Output != OutputKind.Fused)
            {
                inputs.Add(new StageInput(index, set.ToListOrNull(node.NumPartitions)));
                continue;
            }

            foreach (var (parent, map) in node.Parents)
            {
                var mapped = set.Through(map, node.NumPartitions);
                if (wanted.TryGetValue(parent, out var earlier))
                {
                    wanted[parent] = earlier.With(mapped);
                }
                else
                {
                    wanted.Add(parent, mapped);
                    order.Enqueue(parent, -parent);
                }
            }
        }

        return inputs.Where(i => i.Partitions is not { Count: 0 }).ToList();
    }

    /// <summary>All partitions, or some of them in ascending order.</summary>
    private readonly record struct PartitionSet(IReadOnlyList<int>? Some)
    {
        public static PartitionSet Of(IReadOnlyList<int>? partitions) => new(partitions);

        public IReadOnlyList<int>? ToListOrNull(int count) => Some is { } some && some.Count < count ? some : null;

        public PartitionSet Through(PartitionMap map, int count)
        {
            if (map is PartitionMap.OneToOne)
            {
                return this;
            }

            if (map is PartitionMap.All)
            {
                return Some is { Count: 0 } ? this : new PartitionSet(null);
            }

            if (map is PartitionMap.Slice && Some is null)
            {
                // All of a union is all of each of its parents: to list them at each of 10,000 unions in a chain would take n² steps.
                return this;
            }

            var set = new SortedSet<int>();
            foreach (var partition in Some ?? Enumerable.Range(0, count))
            {
                foreach (var parent in map.Of(partition)!)
                {
                    set.Add(parent);
                }
            }

            return new PartitionSet(set.ToArray());
        }

        public PartitionSet With(PartitionSet other) =>
            Some is null || other.Some is null ? new PartitionSet(null) : new PartitionSet(Some.Union(other.Some).Order().ToArray());
    }
}
