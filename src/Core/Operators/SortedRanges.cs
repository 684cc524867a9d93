using MicroSpark.Model;
using MicroSpark.Ordering;
using MicroSpark.Partitioners;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Stages;

namespace MicroSpark.Operators;

/// <summary>
/// The ranges of a sort inside a task: found from the samples of its hidden stage, once per plan and worker, since they are the same for
/// every task.
/// </summary>
internal sealed class SortedRanges<K>(PlanNode<(K Key, float Weight)> sample, int partitions, bool ascending, IComparer<K>? comparer)
{
    private readonly Lock _gate = new();
    private RangeFinder<K>? _ranges;

    public RangeFinder<K> Of(TaskScope scope)
    {
        lock (_gate)
        {
            if (_ranges is null)
            {
                var samples = new BufferSink<(K Key, float Weight)> { Items = [] };
                Pipeline<(K Key, float Weight)>.OfReader(scope.ReadShuffle<(K Key, float Weight)>(sample, 0), sample, scope).Drive(
                    ref samples);
                var bounds = RangeBounds.Determine(samples.Items.AsSpan(0, samples.Count), partitions, comparer);
                _ranges = new RangeFinder<K>(bounds, ascending, comparer);
            }

            return _ranges;
        }
    }
}

/// <summary>
/// The ranges of a sort as its output's partitioner. Their bounds are found by the job, so what is placed by them, or read by them, brings
/// the sort's samples into its own plan.
/// </summary>
internal sealed class RangesOfSort<K>(
    LineageId sort, PlanNode<(K Key, float Weight)> sample, int partitions, bool ascending, IComparer<K>? comparer)
    : SortedPartitioner<K>(sort, partitions)
{
    private readonly int _partitions = partitions;

    /// <summary>In an order of the program's own, keys that are equal need not be in one place.</summary>
    public override bool CanPlace => comparer is null;

    public override PlanNode Place<V>(PlanNode<(K Key, V Value)> input, string operatorName) =>
        new SortWriteNode<(K Key, V Value), K, FirstOfPair<K, V>>(input, sample, operatorName, _partitions, ascending, comparer);

    public override PlanNode<(K Key, V Value)> Window<V>(PlanNode<(K Key, V Value)> input, string operatorName, K lower, K upper) =>
        comparer is null && HasSamples(input)
            ? new SortedWindowNode<K, V>(input, sample, operatorName, _partitions, ascending, lower, upper)
            : input;

    /// <summary>
    /// Whether the samples are part of the input's recipe as it is. Where a checkpoint has cut it off they are not, and to take them again
    /// would mean to read all that the checkpoint saves from being read.
    /// </summary>
    private bool HasSamples(PlanNode input)
    {
        var seen = new HashSet<PlanNode>(ReferenceEqualityComparer.Instance);
        var open = new Stack<PlanNode>([input]);
        while (open.TryPop(out var node))
        {
            node = node.Effective;
            if (ReferenceEquals(node, sample))
            {
                return true;
            }

            foreach (var parent in seen.Add(node) ? node.Parents : [])
            {
                open.Push(parent);
            }
        }

        return false;
    }
}

/// <summary>
/// The partitions of a sorted input that can hold a range of keys, as they are; the others are empty, and nothing is read for them.
/// </summary>
internal sealed class SortedWindowNode<K, V>(
    PlanNode<(K Key, V Value)> parent, PlanNode<(K Key, float Weight)> sample, string operatorName, int partitions, bool ascending, K lower,
    K upper)
    : PlanNode<(K Key, V Value)>(parent, sample)
{
    private readonly PlanNode<(K Key, V Value)> _parent = parent;
    private readonly SortedRanges<K> _ranges = new(sample, partitions, ascending, null);

    private SortedWindowNode(PlanReader reader)
        : this(
            reader.Parent<(K, V)>(0), reader.Parent<(K, float)>(1), reader.Text(), reader.Int32(), reader.Boolean(), reader.Value<K>(),
            reader.Value<K>())
    {
    }

    public override string Operator => operatorName;

    public override object? Partitioner => _parent.Partitioner;

    public override PartitionMap MapOf(int parent) => parent == 0 ? PartitionMap.OneToOne.Instance : PartitionMap.All.Instance;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Int32(partitions);
        writer.Boolean(ascending);
        writer.Value(lower);
        writer.Value(upper);
    }

    public override ChunkReader<(K Key, V Value)> Open(int partition, TaskScope scope)
    {
        var ranges = _ranges.Of(scope);
        var (first, last) = (ranges.Of(lower), ranges.Of(upper));
        return partition >= Math.Min(first, last) && partition <= Math.Max(first, last)
            ? scope.Pipe(_parent, partition).AsReader()
            : new MemoryReader<(K Key, V Value)>(default(ReadOnlyMemory<(K Key, V Value)>));
    }

    protected override int CountPartitions() => _parent.NumPartitions;
}
