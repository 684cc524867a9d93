using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators
{
    /// <summary>The elements at the same place of the same partition of both.</summary>
    internal sealed class ZipNode<T, U>(PlanNode<T> left, PlanNode<U> right) : PlanNode<(T Left, U Right)>(left, right)
    {
        private readonly PlanNode<T> _left = left;
        private readonly PlanNode<U> _right = right;

        private ZipNode(PlanReader reader)
            : this(reader.Parent<T>(0), reader.Parent<U>(1))
        {
        }

        public override string Operator => "Zip";

        public override void WriteArguments(PlanWriter writer)
        {
        }

        public override ChunkReader<(T Left, U Right)> Open(int partition, TaskScope scope) => new ZipReader<T, U>(
            new ReaderCursor<T>(scope.Pipe(_left, partition).AsReader()), new ReaderCursor<U>(scope.Pipe(_right, partition).AsReader()),
            partition);
    }

    internal sealed class ZipReader<T, U>(ReaderCursor<T> left, ReaderCursor<U> right, int partition) : ChunkReader<(T Left, U Right)>
    {
        private (T, U)[] _buffer = [];
        private long _read;

        public override bool Next(int limit, out ReadOnlySpan<(T Left, U Right)> run)
        {
            var lefts = left.Peek(limit);
            var rights = right.Peek(limit);
            var count = Math.Min(limit, Math.Min(lefts.Length, rights.Length));
            if (count == 0 && lefts.Length != rights.Length)
            {
                throw new InvalidOperationException(
                    $"Zip needs partitions of equal length on both sides. In partition {partition} the "
                    + $"{(lefts.IsEmpty ? "left" : "right")} side ended after " +
                    $"{_read} elements and the other has more. Use ZipWithIndex on both and a join.");
            }

            if (_buffer.Length < count)
            {
                _buffer = new (T, U)[count];
            }

            for (var i = 0; i < count; i++)
            {
                _buffer[i] = (lefts[i], rights[i]);
            }

            left.Advance(count);
            right.Advance(count);
            _read += count;
            run = _buffer.AsSpan(0, count);
            return count > 0;
        }

        public override void Dispose()
        {
            left.Dispose();
            right.Dispose();
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Pairs the elements that are at the same place of the same partition. Narrow; keeps order and partition count. Partitions of
        /// different length fail the job.
        /// </summary>
        /// <exception cref="ArgumentException">The partition counts differ.</exception>
        public Rdd<(T Left, U Right)> Zip<U>(Rdd<U> other) => Derive<U, (T Left, U Right)>(
            nameof(Zip),
            other,
            (left, right) =>
            {
                EnsureSameCount(nameof(Zip), left, right);
                return new ZipNode<T, U>(left, right);
            },
            needsCounts: true);

        private static void EnsureSameCount(string operatorName, PlanNode left, PlanNode right)
        {
            if (left.NumPartitions != right.NumPartitions)
            {
                throw new ArgumentException(
                    $"{operatorName} needs equal partition counts; one side has {left.NumPartitions}, the other {right.NumPartitions}. "
                    + $"Repartition one of them.");
            }
        }
    }
}
