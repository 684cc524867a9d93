using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Combines pairs by key in bounded memory, at the speed of the cache:
/// <code>
/// pairs ─> table, as long as it is small or most pairs meet their key in it
///            │ full, and most keys are new
///            │                                        keys are dense whole numbers: a direct table takes them, and later ones near them
///            v
///          early[0..127] what the table had      then, one after the other: table of early[i], log[i] ─> Drain
///          log[0..127]   the pairs that come     (in a combiner of the next level, which may split again)
/// </code>
/// A key's values are combined in the order of their arrival. The moment of the split and the order of the results depend on counts of
/// pairs and keys alone. Memory only decides whether the logs are on disk.
/// </summary>
/// <param name="run">Combines a reader's pairs into a combiner; the loop is the caller's, so that it can be compiled.</param>
internal sealed class Combiner<K, V, C>(int level, TaskMemory memory, Action<Combiner<K, V, C>, ChunkReader<(K Key, V Value)>> run)
{
    /// <summary>Keys up to which nobody asks whether they are dense; then at each doubling.</summary>
    private const int FewKeys = 1 << 10;

    /// <summary>Keys that a core's own cache holds.</summary>
    private const int SmallTable = 1 << 14;

    /// <summary>Keys up to which a table grows as long as that pays.</summary>
    private const int LargeTable = 1 << 18;

    /// <summary>
    /// Keys up to which a table grows without asking: a task of few pairs then has no log, which costs as much again as its pairs. Logged
    /// references are chunks that the garbage collector traces again and again: with them the log costs more than a table out of the cache.
    /// </summary>
    private static readonly int s_unquestioned = RuntimeHelpers.IsReferenceOrContainsReferences<(K, V)>() ? LargeTable : 2 * SmallTable;

    /// <summary>A table pays when so many pairs came for each key.</summary>
    private const int PairsPerKey = 4;

    /// <summary>
    /// Bytes of pairs that a map task logs before it combines them: what it needs is bounded, and its buffers are used again.
    /// </summary>
    private const long LogBytes = 128L << 20;

    private static readonly long s_mostLogged = LogBytes / Unsafe.SizeOf<(K, V)>();

    private readonly bool _mayAddress;
    private int _limit = s_unquestioned;
    private long _seen;
    private long _logged;
    private BucketLog<(K Key, C Value)>? _early;
    private BucketLog<(K Key, V Value)>? _log;
    private Combiner<K, V, C>? _below;

    public CombineTable<K, C> Table { get; } = new(0, memory);

    /// <summary>
    /// What covers keys that are dense numbers: whoever adds pairs asks it first. Not part of <see cref="Drain"/>; it stays until the end.
    /// </summary>
    public DirectTable<K, C> Direct { get; } = new(memory);

    /// <summary>Whether <see cref="Direct"/> may take keys.</summary>
    public bool MayAddress
    {
        init
        {
            _mayAddress = value && IntegerKey<K>.Is;
            _limit = FirstLimit;
        }
    }

    /// <summary>Takes what a table has that is full and pays: its keys may come again. Null when all of a key must stay together.</summary>
    public Action<CombineTable<K, C>>? Flush { get; init; }

    /// <summary>Whether <see cref="Drain"/> gives parts.</summary>
    public bool IsSplit => _log is not null;

    /// <summary>Called when the log has reached its bound, to drain it. Null when all of a key must stay together.</summary>
    public Action? Full { get; init; }

    /// <summary>Where pairs go once combining has been given up.</summary>
    public Action<(K Key, V Value)>? Pass { get; set; }

    private int FirstLimit => _mayAddress ? FewKeys : s_unquestioned;

    /// <summary>Called before each pair: a table that is full grows, is emptied, or gives way to the log.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MakeRoom()
    {
        if (Table.Count >= _limit)
        {
            Overflow();
        }
    }

    /// <summary>Asked for each pair that has no place in <see cref="Direct"/>: whether it goes to the log.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Logs()
    {
        _seen++;
        return _log is not null || Pass is not null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Log((K Key, V Value) pair, ulong hash)
    {
        if (_log is null)
        {
            Pass!(pair);
            return;
        }

        _log.Add(pair, SubPartition.Of(hash, level));
        if (++_logged == s_mostLogged)
        {
            Full?.Invoke();
        }
    }

    /// <summary>
    /// What came, combined: tables that share no key, each to be read before the next is asked for. Then it is empty and may be used again.
    /// </summary>
    public IEnumerable<CombineTable<K, C>> Drain()
    {
        if (_log is null)
        {
            yield return Table;
        }
        else
        {
            for (int start = 0, end; start < SubPartition.Count; start = end)
            {
                end = GroupFrom(start);
                foreach (var part in DrainParts(start, end))
                {
                    yield return part;
                }
            }
        }

        Reset();
    }

    /// <summary>
    /// Where the parts end that begin with this one and fit one small table together. A log is made before it is known how much comes:
    /// of 50,000 pairs 128 parts are small, and what each costs whatever it holds would be most of the work.
    /// </summary>
    public int GroupFrom(int start)
    {
        var pairs = PairsOf(start);
        var end = start + 1;
        while (end < SubPartition.Count && pairs + PairsOf(end) is var more && more <= SmallTable)
        {
            (pairs, end) = (more, end + 1);
        }

        return end;

        long PairsOf(int part) => _early!.CountOf(part) + _log!.CountOf(part);
    }

    /// <summary>Some parts of what was logged, combined.</summary>
    public IEnumerable<CombineTable<K, C>> DrainParts(int start, int end)
    {
        var below = _below ??= new Combiner<K, V, C>(level + 1, memory, run);
        for (var part = start; part < end; part++)
        {
            TakeEarly(below, part);
        }

        using (var pairs = Logged(start, end))
        {
            run(below, pairs);
        }

        return below.Drain();
    }

    /// <summary>What the table had of a part when the log began; to be read once.</summary>
    public ChunkReader<(K Key, C Value)> EarlyOf(int part) => _early!.Take(part);

    /// <summary>The pairs that were logged of some parts; to be read once.</summary>
    public ChunkReader<(K Key, V Value)> Logged(int start, int end)
    {
        return end == start + 1 ? _log!.Take(start) : new ConcatReader<(K Key, V Value)>(Take());

        IEnumerable<ChunkReader<(K Key, V Value)>> Take()
        {
            for (var part = start; part < end; part++)
            {
                yield return _log!.Take(part);
            }
        }
    }

    /// <summary>How many pairs of some parts were logged.</summary>
    public long CountLogged(int start, int end)
    {
        long count = 0;
        for (var part = start; part < end; part++)
        {
            count += _log!.CountOf(part);
        }

        return count;
    }

    public void Reset()
    {
        _early?.Dispose();
        _log?.Dispose();
        (_early, _log) = (null, null);
        (_seen, _logged, _limit) = (0, 0, FirstLimit);
        Table.Clear();
    }

    /// <summary>Its work is done: gives back all tables. Nobody may hold their entries.</summary>
    public void Release()
    {
        Reset();
        Table.Release();
        _below?.Release();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeEarly(Combiner<K, V, C> below, int part)
    {
        using var early = _early!.Take(part);
        while (early.Next(int.MaxValue, out var entries))
        {
            foreach (var entry in entries)
            {
                below.Table.Slot(entry.Key, StableHash<K>.Of(entry.Key), out _) = entry.Value;
            }

            below._seen += entries.Length;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Overflow()
    {
        if (level > SubPartition.Deepest)
        {
            _limit = int.MaxValue;
        }
        else if (_mayAddress && Direct.TryTake(Table))
        {
            Empty();
        }
        else if (_limit < s_unquestioned)
        {
            _limit *= 2;
        }
        else if (_seen < (long)Table.Count * PairsPerKey)
        {
            Split();
        }
        else if (_limit < LargeTable)
        {
            _limit *= 2;
        }
        else if (Flush is not null)
        {
            Flush(Table);
            Empty();
        }
        else
        {
            Split();
        }
    }

    private void Empty()
    {
        Table.Clear();
        _seen = 0;
    }

    private void Split()
    {
        _early = new BucketLog<(K, C)>(SubPartition.Count, memory, () => memory.Spill);
        _log = new BucketLog<(K, V)>(SubPartition.Count, memory, () => memory.Spill);
        var entries = Table.Entries;
        var hashes = Table.Hashes;
        for (var i = 0; i < entries.Length; i++)
        {
            _early.Add(entries[i], SubPartition.Of(hashes[i], level));
        }

        Table.Clear();
    }
}
