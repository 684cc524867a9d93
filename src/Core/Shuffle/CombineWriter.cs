using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Storage;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// The map side of an aggregation. It combines in bounded memory: a full combiner is drained into the buckets and starts anew. When
/// combining a part of the logged pairs did not reduce them, combining is given up. All other pairs then pass as they are.
/// </summary>
internal sealed class CombineWriter<K, V, C>
{
    /// <summary>Combining pays when it leaves at most one of so many pairs.</summary>
    private const int LeastReduction = 2;

    private readonly TaskCombining<K, V, C> _combining;
    private readonly KeyTarget<K> _target;
    private readonly BucketBuilder<(K Key, C Value)> _output;
    private readonly Combiner<K, V, C> _combiner;

    public CombineWriter(TaskCombining<K, V, C> combining, Partitioner<K> partitioner, TaskScope scope)
    {
        _combining = combining;
        _target = new KeyTarget<K>(partitioner);
        _output = new BucketBuilder<(K, C)>(partitioner.NumPartitions, scope.Memory);
        _combiner = new Combiner<K, V, C>(0, scope.Memory, combining.Over) { Flush = Write, Full = Drain, MayAddress = true };
    }

    public Block Run(IPipeline<(K Key, V Value)> pairs)
    {
        _combining.Over(_combiner, pairs);
        Drain();
        Write(_combiner.Direct.Drain());
        _combiner.Release();
        return _output.Build();
    }

    private void Drain()
    {
        if (!_combiner.IsSplit)
        {
            Write(_combiner.Table);
            return;
        }

        for (int start = 0, end; start < SubPartition.Count; start = end)
        {
            if (_combiner.Pass is not null)
            {
                end = SubPartition.Count;
                PassParts(start, end);
            }
            else
            {
                end = _combiner.GroupFrom(start);
                CombineParts(start, end);
            }
        }

        _combiner.Reset();
    }

    private void CombineParts(int start, int end)
    {
        var pairs = _combiner.CountLogged(start, end);
        long keys = 0;
        foreach (var table in _combiner.DrainParts(start, end))
        {
            keys += table.Count;
            Write(table);
        }

        if (keys * LeastReduction > pairs)
        {
            _combiner.Pass = Pass;
        }
    }

    private void PassParts(int start, int end)
    {
        for (var part = start; part < end; part++)
        {
            Write(_combiner.EarlyOf(part));
        }

        using var log = _combiner.Logged(start, end);
        var sink = new PassSink { Writer = this };
        _combining.Pipe(log).Drive(ref sink);
    }

    private void Pass((K Key, V Value) pair)
    {
        var value = _combining.Create is { } create ? create(pair.Value) : Unsafe.As<V, C>(ref pair.Value);
        Write((pair.Key, value), StableHash<K>.Of(pair.Key));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(ChunkReader<(K Key, C Value)> entries)
    {
        using (entries)
        {
            while (entries.Next(int.MaxValue, out var run))
            {
                foreach (ref readonly var entry in run)
                {
                    Write(entry, StableHash<K>.Of(entry.Key));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(CombineTable<K, C> table)
    {
        var entries = table.Entries;
        var hashes = table.Hashes;
        for (var i = 0; i < entries.Length; i++)
        {
            Write(entries[i], hashes[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Write((K Key, C Value) entry, ulong hash) => _output.Add(entry, _target.Of(entry.Key, hash), hash);

    /// <summary>Pairs that are not combined.</summary>
    private struct PassSink : ISink<(K Key, V Value)>
    {
        public CombineWriter<K, V, C> Writer;

        public readonly bool Add((K Key, V Value) item)
        {
            Writer.Pass(item);
            return true;
        }
    }
}
