using System.Reflection.Emit;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Operators
{
    /// <summary>
    /// How many elements each partition has: the hidden stage below ZipWithIndex. The last partition is not counted, since nothing begins
    /// after it.
    /// </summary>
    internal sealed class PartitionSizesNode<T>(PlanNode<T> parent) : PlanNode<long>(parent), IStageRoot
    {
        private readonly PlanNode<T> _parent = parent;

        private PartitionSizesNode(PlanReader reader)
            : this(reader.Parent<T>())
        {
        }

        public override string Operator => "ZipWithIndex";

        public override OutputKind Output => OutputKind.Shuffle;

        public override PartitionMap MapOf(int parent) => new PartitionMap.Shift(0);

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<long> Open(int partition, TaskScope scope) =>
            throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

        public Block Run(int partition, TaskScope scope)
        {
            var sink = default(CountSink<T>);
            scope.Pipe(_parent, partition).Drive(ref sink);
            return new BucketBlock<long>([sink.Count], [1], null, 1, (ulong)sink.Count);
        }

        protected override int CountPartitions() => Math.Max(0, _parent.NumPartitions - 1);
    }

    /// <summary>
    /// Each element with its position among all: its partition's start, from the sizes of those before it, and its place there.
    /// </summary>
    internal sealed class ZipWithIndexNode<T>(PlanNode<T> parent, PlanNode<long>? sizes)
        : NumberingNode<T>(parent, sizes is null ? [] : [sizes])
    {
        private readonly Lock _gate = new();
        private long[]? _starts;

        private ZipWithIndexNode(PlanReader reader)
            : this(reader.Parent<T>(0), reader.ParentCount > 1 ? reader.Parent<long>(1) : null)
        {
        }

        public override string Operator => "ZipWithIndex";

        public override PartitionMap MapOf(int parent) => parent == 0 ? PartitionMap.OneToOne.Instance : PartitionMap.All.Instance;

        public override void WriteArguments(PlanWriter writer)
        {
        }

        protected override Numbers NumbersOf(int partition, TaskScope scope) => new(Starts(scope)[partition], 1);

        /// <summary>Once per plan and worker: the sizes are the same for every task.</summary>
        private long[] Starts(TaskScope scope)
        {
            lock (_gate)
            {
                if (_starts is null)
                {
                    var starts = new List<long> { 0 };
                    using var read = sizes is null ? null : scope.ReadShuffle<long>(sizes, 0);
                    while (read is not null && read.Next(int.MaxValue, out var run))
                    {
                        foreach (var size in run)
                        {
                            starts.Add(starts[^1] + size);
                        }
                    }

                    _starts = [.. starts];
                }

                return _starts;
            }
        }
    }

    /// <summary>Element k of partition p of n with the number p + k * n: no counting needed.</summary>
    internal sealed class ZipWithUniqueIdNode<T>(PlanNode<T> parent) : NumberingNode<T>(parent)
    {
        private ZipWithUniqueIdNode(PlanReader reader)
            : this(reader.Parent<T>())
        {
        }

        public override string Operator => "ZipWithUniqueId";

        public override void WriteArguments(PlanWriter writer)
        {
        }

        protected override Numbers NumbersOf(int partition, TaskScope scope) => new(partition, NumPartitions);
    }

    /// <summary>Base of the operators that number the elements.</summary>
    internal abstract class NumberingNode<T>(PlanNode<T> parent, params PlanNode[] others)
        : FusedNode<T, (T Value, long Number)>(parent, others)
    {
        public sealed override Delegate[] CreateFunctions(int partition, TaskScope scope) =>
            [new Func<long>(NumbersOf(partition, scope).Next)];

        public sealed override void Emit(StageEmitter emitter, int firstFunction)
        {
            emitter.IL.Emit(OpCodes.Ldloc, emitter.Current);
            emitter.Call(firstFunction, static () => { });
            emitter.IL.Emit(OpCodes.Newobj, typeof(ValueTuple<T, long>).GetConstructor([typeof(T), typeof(long)])!);
            emitter.SetCurrent(typeof(ValueTuple<T, long>));
        }

        protected abstract Numbers NumbersOf(int partition, TaskScope scope);

        protected sealed override IEnumerable<(T Value, long Number)> Iterate(IEnumerable<T> upstream, ReadOnlySpan<Delegate> functions)
        {
            var next = (Func<long>)functions[0];
            return upstream.Select(item => (item, next()));
        }
    }

    /// <summary>The numbers first, first + step, ...</summary>
    internal sealed class Numbers(long first, long step)
    {
        private long _next = first;

        public long Next()
        {
            var number = _next;
            _next += step;
            return number;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Each element with its position among all, from 0: by partition and then by place. Narrow; with more than one partition a hidden
        /// stage counts the partitions' elements first.
        /// </summary>
        public Rdd<(T Value, long Index)> ZipWithIndex() =>
            Derive(
            nameof(ZipWithIndex),
            parent => new ZipWithIndexNode<T>(parent, parent.NumPartitions > 1 ? new PartitionSizesNode<T>(parent) : null),
            needsCounts: true);

        /// <summary>
        /// Each element with a number of its own: those of partition p of n get p, n + p, 2n + p, ... Narrow; the numbers have gaps, and
        /// nothing is counted.
        /// </summary>
        public Rdd<(T Value, long Id)> ZipWithUniqueId() => Derive(nameof(ZipWithUniqueId), parent => new ZipWithUniqueIdNode<T>(parent));
    }
}
