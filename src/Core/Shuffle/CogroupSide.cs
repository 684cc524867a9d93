using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>One input of a cogroup, its value type unknown to the operation as a whole.</summary>
internal abstract class CogroupSide<K>
{
    public abstract bool IsSplit { get; }

    public abstract void Split();

    /// <summary>Pairs of a part.</summary>
    public abstract long CountOf(int part);

    /// <summary>A part as a side of its own, split by the next bits.</summary>
    public abstract CogroupSide<K> SplitPart(int part, int level);

    /// <summary>Reads a part: its values go under the numbers that its keys have, or get, in <paramref name="keys"/>.</summary>
    public abstract void Read(int part, CombineTable<K, Nothing> keys);

    /// <summary>Brings the values of each key together.</summary>
    public abstract void Gather(int keys);

    /// <summary>The key that had the most values when they were gathered last, and how many.</summary>
    public abstract (int Group, int Values) Heaviest { get; }

    /// <summary>Gives back its memory.</summary>
    public abstract void Clear();
}

/// <inheritdoc cref="CogroupSide{K}"/>
internal sealed class CogroupSide<K, V> : CogroupSide<K>
{
    private readonly TaskScope _scope;
    private readonly SplitInput<K, V> _input;
    private readonly ValueLog<V> _log = new();
    private TableMemory _memory;
    private V[][] _values = [];

    private CogroupSide(TaskScope scope, SplitInput<K, V> input) =>
        (_scope, _input, _memory) = (scope, input, new TableMemory(scope.Memory));

    public override bool IsSplit => _input.IsSplit;

    public override (int Group, int Values) Heaviest => _log.Heaviest;

    /// <summary>Reads an input.</summary>
    public static CogroupSide<K, V> Read(PlanNode parent, int partition, TaskScope scope)
    {
        var input = new SplitInput<K, V>(0, scope.Memory);
        var sink = new SplitSink<K, V>(input);
        KeyedInput.Pipe<K, V>(parent, partition, scope).Drive(ref sink);
        return new CogroupSide<K, V>(scope, input);
    }

    /// <summary>A key's values, of the part that was read last.</summary>
    public IReadOnlyList<V> ValuesOf(int key) => _values[key];

    public override void Split() => _input.Split();

    public override long CountOf(int part) => _input.CountOf(part);

    // Whoever makes the rows reads the values of this side, so the part's own side fills them in here.
    public override CogroupSide<K> SplitPart(int part, int level) =>
        new Below(this, new CogroupSide<K, V>(_scope, _input.SplitPart(part, level, _scope.Memory)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(int part, CombineTable<K, Nothing> keys)
    {
        using var pairs = _input.Take(part);
        while (pairs.Next(int.MaxValue, out var run))
        {
            for (var i = 0; i < run.Length; i++)
            {
                KeyAhead.Prefetch(run, i);
                var (key, value) = run[i];
                _log.Add(keys.IndexOf(key, StableHash<K>.Of(key), out _), value);
            }
        }

        _memory.Set(_log.Bytes);
    }

    public override void Gather(int keys)
    {
        const int ArrayBytes = 32;
        _memory.Set((_log.Count * Unsafe.SizeOf<V>()) + ((long)keys * ArrayBytes));
        _values = _log.Split(keys);
    }

    public override void Clear() => _input.Clear();

    private sealed class Below(CogroupSide<K, V> above, CogroupSide<K, V> side) : CogroupSide<K>
    {
        public override bool IsSplit => side.IsSplit;

        public override (int Group, int Values) Heaviest => side.Heaviest;

        public override void Split() => side.Split();

        public override long CountOf(int part) => side.CountOf(part);

        public override CogroupSide<K> SplitPart(int part, int level) =>
            new Below(above, new CogroupSide<K, V>(side._scope, side._input.SplitPart(part, level, side._scope.Memory)));

        public override void Read(int part, CombineTable<K, Nothing> keys) => side.Read(part, keys);

        public override void Gather(int keys)
        {
            side.Gather(keys);
            above._values = side._values;
        }

        public override void Clear() => side.Clear();
    }
}

/// <summary>
/// The values of each key of one partition in one to four inputs. Small inputs are all kept whole. Otherwise all are split by hash bits and
/// worked on part by part. Keys of a part are in order of arrival, the first input's first. A key's values must fit in memory.
/// </summary>
/// <param name="row">Makes a row of a key and its number; each side has its values by that number.</param>
internal sealed class CogroupReader<K, TRow>(CogroupSide<K>[] sides, TaskScope scope, Func<K, int, TRow> row)
{
    // One for all parts: each forgets the keys of the one before.
    private readonly CombineTable<K, Nothing> _keys = new(0, scope.Memory);

    public ChunkReader<TRow> Open()
    {
        if (!Array.Exists(sides, static s => s.IsSplit))
        {
            var rows = RowsOf(sides, 0);
            _keys.Release();
            Array.ForEach(sides, static s => s.Clear());
            return new MemoryReader<TRow>(rows);
        }

        Array.ForEach(sides, static s => s.Split());
        return new MemoryReader<TRow>(Parts(sides, 1));
    }

    private IEnumerable<ReadOnlyMemory<TRow>> Parts(CogroupSide<K>[] split, int level)
    {
        for (var part = 0; part < SubPartition.Count; part++)
        {
            var at = part;
            if (level <= SubPartition.Deepest && split.Sum(s => s.CountOf(at)) > SplitInput<K, Nothing>.MostWhole)
            {
                foreach (var rows in Parts(Array.ConvertAll(split, s => s.SplitPart(at, level)), level + 1))
                {
                    yield return rows;
                }
            }
            else
            {
                yield return RowsOf(split, part);
            }
        }

        Array.ForEach(split, static s => s.Clear());
    }

    private TRow[] RowsOf(CogroupSide<K>[] inputs, int part)
    {
        _keys.Clear();
        foreach (var side in inputs)
        {
            side.Read(part, _keys);
        }

        var entries = _keys.Entries;
        foreach (var side in inputs)
        {
            side.Gather(entries.Length);
            if (side.Heaviest is { Values: > 0 } heaviest)
            {
                scope.NoteKey(entries[heaviest.Group].Key, heaviest.Values);
            }
        }

        var rows = new TRow[entries.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = row(entries[i].Key, i);
        }

        return rows;
    }
}
