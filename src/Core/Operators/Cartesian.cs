using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>
    /// Partition i * m + j holds the pairs of the left's partition i with the right's j. The right one is in memory while it is paired.
    /// </summary>
    internal sealed class CartesianNode<T, U>(PlanNode<T> left, PlanNode<U> right) : PlanNode<(T Left, U Right)>(left, right)
    {
        private readonly PlanNode<T> _left = left;
        private readonly PlanNode<U> _right = right;

        private CartesianNode(PlanReader reader)
            : this(reader.Parent<T>(0), reader.Parent<U>(1))
        {
        }

        public override string Operator => "Cartesian";

        public override PartitionMap MapOf(int parent) =>
            parent == 0 ? new PartitionMap.Grid(_right.NumPartitions, _left.NumPartitions) : new PartitionMap.Grid(1, _right.NumPartitions);

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<(T Left, U Right)> Open(int partition, TaskScope scope)
        {
            var rights = new BufferSink<U> { Items = [] };
            scope.Pipe(_right, partition % _right.NumPartitions).Drive(ref rights);
            return rights.Count == 0
                ? new MemoryReader<(T Left, U Right)>(default(ReadOnlyMemory<(T, U)>))
                : new CartesianReader<T, U>(
                    new ReaderCursor<T>(scope.Pipe(_left, partition / _right.NumPartitions).AsReader()), rights.Items.AsMemory(
                        0, rights.Count));
        }

        protected override int CountPartitions() => checked(_left.NumPartitions * _right.NumPartitions);
    }

    internal sealed class CartesianReader<T, U>(ReaderCursor<T> lefts, ReadOnlyMemory<U> rights) : ChunkReader<(T Left, U Right)>
    {
        private const int LongestRun = 1024;

        private (T, U)[] _buffer = [];
        private int _nextRight;

        public override bool Next(int limit, out ReadOnlySpan<(T Left, U Right)> run)
        {
            var left = lefts.Peek(limit);
            if (left.IsEmpty)
            {
                run = default;
                return false;
            }

            var count = Math.Min(Math.Min(limit, LongestRun), rights.Length - _nextRight);
            if (_buffer.Length < count)
            {
                _buffer = new (T, U)[count];
            }

            var right = rights.Span.Slice(_nextRight, count);
            for (var i = 0; i < right.Length; i++)
            {
                _buffer[i] = (left[0], right[i]);
            }

            _nextRight += count;
            if (_nextRight == rights.Length)
            {
                _nextRight = 0;
                lefts.Advance(1);
            }

            run = _buffer.AsSpan(0, count);
            return true;
        }

        public override void Dispose() => lefts.Dispose();
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Every element with every element of the other. Narrow; n times m partitions, each of which reads one partition of each side. A
        /// partition of the other is in memory while it is paired, so the smaller side should be the other.
        /// </summary>
        public Rdd<(T Left, U Right)> Cartesian<U>(Rdd<U> other) =>
            Derive<U, (T Left, U Right)>(nameof(Cartesian), other, (left, right) => new CartesianNode<T, U>(left, right));
    }
}
