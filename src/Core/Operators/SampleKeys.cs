using MicroSpark.Ordering;
using MicroSpark.Partitioners;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Operators;

/// <summary>
/// A sample of each partition's keys with the number of elements that each stands for: the hidden stage that a sort's bounds come from. One
/// bucket, read by every task of the sort's map side.
/// </summary>
internal sealed class SampleKeysNode<T, K, TKey>(PlanNode<T> parent, string operatorName, int partitions) : PlanNode<(K Key, float Weight)>(
    parent), IStageRoot
    where TKey : struct, IKeyOf<T, K>
{
    private readonly PlanNode<T> _parent = parent;

    private SampleKeysNode(PlanReader reader)
        : this(reader.Parent<T>(), reader.Text(), reader.Int32())
    {
    }

    public override string Operator => operatorName;

    public override OutputKind Output => OutputKind.Shuffle;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Int32(partitions);
    }

    public override ChunkReader<(K Key, float Weight)> Open(int partition, TaskScope scope) =>
        throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

    public Block Run(int partition, TaskScope scope)
    {
        var sink = new SampleSink<T, K, TKey>(RangeBounds.SampleSize(partitions, NumPartitions), partition);
        scope.Pipe(_parent, partition).Drive(ref sink);
        var sample = sink.Weighted();
        return new BucketBlock<(K, float)>(sample, sample.Length);
    }
}

/// <summary>
/// A sample of bounded size: one key of each run of equal length, any of the run as likely as another. When there are too many, one of
/// every two neighbours goes and runs are twice as long. Whole numbers only and a seed that is the partition: same input, same sample,
/// on every machine. An element that is not drawn costs one comparison.
/// </summary>
internal struct SampleSink<T, K, TKey> : ISink<T>
    where TKey : struct, IKeyOf<T, K>
{
    private readonly K[] _drawn;
    private readonly Random _random;
    private long _seen;
    private long _next;
    private int _count;
    private long _runLength;

    /// <param name="size">The largest size; at least half of it is drawn when there are so many elements.</param>
    /// <param name="seed">Decides what is drawn.</param>
    public SampleSink(int size, int seed)
    {
        _drawn = new K[Math.Max(2, size + (size & 1))];
        _random = new Random(seed);
        _runLength = 1;
    }

    public bool Add(T item)
    {
        if (_seen++ == _next)
        {
            Draw(TKey.Of(in item));
        }

        return true;
    }

    /// <summary>The sample, each key with the number of elements that it stands for.</summary>
    public readonly (K Key, float Weight)[] Weighted()
    {
        var weight = (float)_seen / _count;
        return Array.ConvertAll(_drawn[.._count], key => (key, weight));
    }

    private void Draw(K key)
    {
        _drawn[_count++] = key;
        if (_count == _drawn.Length)
        {
            _count /= 2;
            for (var i = 0; i < _count; i++)
            {
                _drawn[i] = _drawn[(2 * i) + _random.Next(2)];
            }

            _runLength *= 2;
        }

        _next = (_count * _runLength) + _random.NextInt64(_runLength);
    }
}
