using MicroSpark.Hashing;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Keeps the left pairs of one partition whose key the right has (or lacks), in their order. When the right has many keys both sides are
/// split by hash bits.
/// </summary>
internal sealed class KeyFilter<K, V, W>(TaskScope scope, bool present)
{
    private readonly Combiner<K, W, Nothing> _keys = new(
        0, scope.Memory, static (combiner, pairs) => AddKeys(combiner, pairs));

    public ChunkReader<(K Key, V Value)> Open(IPipeline<(K Key, V Value)> left, IPipeline<(K Key, W Value)> right)
    {
        var sink = new KeySink { Keys = _keys };
        right.Drive(ref sink);
        if (!_keys.IsSplit)
        {
            return new KeyFilterReader<K, V>(_keys.Table, left.AsReader(), present);
        }

        var input = new SplitInput<K, V>(0, scope.Memory);
        var split = new SplitSink<K, V>(input);
        left.Drive(ref split);
        input.Split();
        return new ConcatReader<(K Key, V Value)>(Parts(input));
    }

    private IEnumerable<ChunkReader<(K Key, V Value)>> Parts(SplitInput<K, V> left)
    {
        for (var part = 0; part < SubPartition.Count; part++)
        {
            yield return new KeyFilterReader<K, V>(KeysOf(part), left.Take(part), present);
        }

        _keys.Reset();
    }

    private CombineTable<K, Nothing> KeysOf(int part)
    {
        var all = new CombineTable<K, Nothing>(0, scope.Memory);
        foreach (var table in _keys.DrainParts(part, part + 1))
        {
            var entries = table.Entries;
            for (var i = 0; i < entries.Length; i++)
            {
                all.IndexOf(entries[i].Key, table.Hashes[i], out _);
            }
        }

        return all;
    }

    private static void AddKeys(Combiner<K, W, Nothing> keys, ChunkReader<(K Key, W Value)> pairs)
    {
        var sink = new KeySink { Keys = keys };
        while (pairs.Next(int.MaxValue, out var run))
        {
            foreach (var pair in run)
            {
                sink.Add(pair);
            }
        }
    }

    private struct KeySink : ISink<(K Key, W Value)>
    {
        public Combiner<K, W, Nothing> Keys;

        public readonly bool Add((K Key, W Value) item)
        {
            var hash = StableHash<K>.Of(item.Key);
            Keys.MakeRoom();
            if (Keys.Logs())
            {
                Keys.Log(item, hash);
            }
            else
            {
                Keys.Table.IndexOf(item.Key, hash, out _);
            }

            return true;
        }
    }
}

/// <summary>The pairs of a reader whose key a table has, or lacks.</summary>
internal sealed class KeyFilterReader<K, V>(CombineTable<K, Nothing> keys, ChunkReader<(K Key, V Value)> pairs, bool present)
    : ChunkReader<(K Key, V Value)>
{
    private (K Key, V Value)[] _kept = [];

    public override bool Next(int limit, out ReadOnlySpan<(K Key, V Value)> run)
    {
        while (pairs.Next(limit, out var read))
        {
            if (_kept.Length < read.Length)
            {
                _kept = new (K, V)[read.Length];
            }

            var count = 0;
            foreach (var pair in read)
            {
                _kept[count] = pair;
                if (keys.Find(pair.Key, StableHash<K>.Of(pair.Key)) >= 0 == present)
                {
                    count++;
                }
            }

            if (count > 0)
            {
                run = _kept.AsSpan(0, count);
                return true;
            }
        }

        run = default;
        return false;
    }

    public override void Dispose()
    {
        pairs.Dispose();
        keys.Release();
    }
}
