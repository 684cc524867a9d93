using System.Runtime.CompilerServices;
using MicroSpark.Readers;
using MicroSpark.Stopping;

namespace MicroSpark.Ordering;

/// <summary>
/// Merges sorted sources: a tree of losers, in which an element meets one opponent on each level. Of equal elements that of the earlier
/// source comes first. Keys that are numbers compare by rank, others by their comparison; no virtual call for either.
/// </summary>
internal sealed class MergeReader<T, K, TKey> : ChunkReader<T>
    where TKey : struct, IKeyOf<T, K>
{
    private const int RunLength = 1024;

    private readonly IReadOnlyList<ChunkReader<T>> _sources;
    private readonly Sorter<T, K, TKey> _sorter;
    private readonly ulong _flip;
    private readonly T[][] _runs;
    private readonly (int At, int Count)[] _places;

    // The first keys of the sources' runs, as ranks or as they are, and the places of the sources in the order. A source that has ended is
    // behind all others.
    private readonly ulong[] _ranks;
    private readonly K[] _keys;
    private readonly int[] _order;

    // A complete binary tree: node i has the children 2i and 2i + 1, source s is the leaf s + count. Each node holds the loser of the match
    // there.
    private readonly int[] _losers;
    private readonly T[] _output;
    private readonly TaskProgress _task = TaskProgress.Current;
    private int _winner = -1;

    public MergeReader(IReadOnlyList<ChunkReader<T>> sources, Sorter<T, K, TKey> sorter)
    {
        _sources = sources;
        _sorter = sorter;
        _flip = sorter.Ascending ? 0 : ulong.MaxValue;
        _runs = new T[sources.Count][];
        _places = new (int, int)[sources.Count];
        _ranks = new ulong[sources.Count];
        _keys = new K[sorter.IsExact ? 0 : sources.Count];
        _order = new int[sources.Count];
        _losers = new int[sources.Count];
        _output = new T[RunLength];
    }

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        using var section = _task.User();
        if (_winner < 0)
        {
            Start();
        }

        var count = 0;
        limit = Math.Min(limit, _output.Length);
        while (count < limit)
        {
            var source = _winner;
            if (_order[source] != source)
            {
                break;
            }

            ref var place = ref _places[source];
            _output[count++] = _runs[source][place.At++];
            ShowFirst(source);
            Replay(source);
        }

        run = _output.AsSpan(0, count);
        return count > 0;
    }

    public override void Dispose()
    {
        foreach (var source in _sources)
        {
            source.Dispose();
        }
    }

    private void Start()
    {
        for (var source = 0; source < _sources.Count; source++)
        {
            _runs[source] = [];
            _order[source] = source;
            ShowFirst(source);
        }

        _winner = _sources.Count == 1 ? 0 : Play(1);
    }

    /// <summary>The winner below a node; losers stay in the nodes.</summary>
    private int Play(int node)
    {
        if (node >= _sources.Count)
        {
            return node - _sources.Count;
        }

        var (left, right) = (Play(2 * node), Play((2 * node) + 1));
        var leftWins = Beats(left, right);
        _losers[node] = leftWins ? right : left;
        return leftWins ? left : right;
    }

    /// <summary>A source shows another element: it plays its way up again.</summary>
    private void Replay(int source)
    {
        var losers = _losers;
        var winner = source;
        for (var node = (source + _sources.Count) >> 1; node > 0; node >>= 1)
        {
            if (Beats(losers[node], winner))
            {
                (losers[node], winner) = (winner, losers[node]);
            }
        }

        _winner = winner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Beats(int one, int other)
    {
        if (KeyRank<K>.IsExact && _keys.Length == 0)
        {
            var (rank, otherRank) = (_ranks[one], _ranks[other]);
            return rank < otherRank || (rank == otherRank && _order[one] < _order[other]);
        }

        return BeatsByComparison(one, other);
    }

    private bool BeatsByComparison(int one, int other)
    {
        if (_order[one] != one || _order[other] != other)
        {
            return _order[one] < _order[other];
        }

        var compared = _sorter.Compare(_keys[one], _keys[other]);
        return compared < 0 || (compared == 0 && one < other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ShowFirst(int source)
    {
        ref var place = ref _places[source];
        if (place.At == place.Count && !ReadRun(source))
        {
            _ranks[source] = ulong.MaxValue;
            _order[source] = source + _sources.Count;
            return;
        }

        ref var first = ref _runs[source][place.At];
        if (KeyRank<K>.IsExact && _keys.Length == 0)
        {
            _ranks[source] = KeyRank<K>.Of(TKey.Of(in first)) ^ _flip;
        }
        else
        {
            _keys[source] = TKey.Of(in first);
        }
    }

    private bool ReadRun(int source)
    {
        using var section = _task.Engine();
        _task.ThrowIfStopped();
        if (!_sources[source].Next(RunLength, out var run))
        {
            _places[source] = default;
            return false;
        }

        if (_runs[source].Length < run.Length)
        {
            _runs[source] = new T[run.Length];
        }

        run.CopyTo(_runs[source]);
        _places[source] = (0, run.Length);
        return true;
    }
}
