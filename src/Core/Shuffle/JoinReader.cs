using System.Runtime.CompilerServices;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// How a join's rows are made of the values of the side that is looked up (built) and of the side that streams past it. A struct without
/// fields: its methods are not static, since the JIT does not inline a type parameter's static ones into code that reference types share.
/// </summary>
internal interface IJoinRow<TBuilt, TStreamed, TRow>
{
    TRow Both(TBuilt built, TStreamed streamed);

    TRow OnlyBuilt(TBuilt built);

    TRow OnlyStreamed(TStreamed streamed);
}

/// <summary>
/// Streams one side of a join past a table of the other. The rows are in the order of the streamed side. After them come the table's rows
/// without a match, when they are kept. The product of a key is made row by row.
/// </summary>
internal sealed class JoinReader<K, TBuilt, TStreamed, TRow, TMake>(
    JoinTable<K, TBuilt> table, ChunkReader<(K Key, TStreamed Value)> streamed, bool keepBuilt, bool keepStreamed)
        : ChunkReader<(K Key, TRow Value)>
    where TMake : struct, IJoinRow<TBuilt, TStreamed, TRow>
{
    private const int LongestRun = 2048;

    /// <summary>Keys that are looked up together, a power of two: their memory comes at the same time.</summary>
    private const int FoundAtOnce = 32;

    private (K Key, TRow Value)[] _rows = [];
    private int _count;

    // What did not fit: pairs of the last run, and how many values of the first one's key are done.
    private (K Key, TStreamed Value)[] _pending = [];
    private int _at;
    private int _end;
    private int _done;
    private bool _streamEnded;
    private int _unmet = -1;

    public override bool Next(int limit, out ReadOnlySpan<(K Key, TRow Value)> run)
    {
        limit = Math.Min(limit, LongestRun);
        if (_rows.Length < limit)
        {
            _rows = new (K, TRow)[limit];
        }

        _count = 0;
        while (_count == 0 && !_streamEnded)
        {
            Stream(limit);
        }

        if (_count == 0 && keepBuilt)
        {
            AddUnmet(limit);
        }

        run = _rows.AsSpan(0, _count);
        return _count > 0;
    }

    public override void Dispose()
    {
        streamed.Dispose();
        table.Release();
    }

    private void Stream(int limit)
    {
        if (_unmet < 0)
        {
            _unmet = 0;
            if (keepBuilt)
            {
                table.ForgetMet();
            }
        }

        if (_at < _end)
        {
            _at += Match(_pending.AsSpan(_at, _end - _at), limit);
        }
        else if (!streamed.Next(limit, out var pairs))
        {
            _streamEnded = true;
        }
        else if (!keepBuilt && !keepStreamed && pairs.Length <= limit && !table.Singles.IsEmpty)
        {
            _count = MatchSingles(pairs);
        }
        else if (Match(pairs, limit) is var matched && matched < pairs.Length)
        {
            var rest = pairs[matched..];
            if (_pending.Length < rest.Length)
            {
                _pending = new (K, TStreamed)[rest.Length];
            }

            rest.CopyTo(_pending);
            (_at, _end) = (0, rest.Length);
        }
    }

    /// <summary>Makes the rows of as many pairs as fit; of the next one as many rows as fit.</summary>
    /// <returns>Pairs that are done with.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Match(ReadOnlySpan<(K Key, TStreamed Value)> pairs, int limit)
    {
        Span<int> numbers = stackalloc int[FoundAtOnce];
        for (var i = 0; i < pairs.Length; i++)
        {
            ref readonly var pair = ref pairs[i];
            var at = i % FoundAtOnce;
            if (at == 0)
            {
                table.Find(pairs[i..Math.Min(i + FoundAtOnce, pairs.Length)], numbers);
            }

            var number = numbers[at];
            if (number < 0)
            {
                if (keepStreamed)
                {
                    if (_count == limit)
                    {
                        return i;
                    }

                    _rows[_count++] = (pair.Key, default(TMake).OnlyStreamed(pair.Value));
                }

                continue;
            }

            if (keepBuilt)
            {
                table.Meet(number);
            }

            var values = table.ValuesOf(number);
            for (var v = _done; v < values.Length; v++)
            {
                if (_count == limit)
                {
                    _done = v;
                    return i;
                }

                _rows[_count++] = (pair.Key, default(TMake).Both(values[v], pair.Value));
            }

            _done = 0;
        }

        return pairs.Length;
    }

    /// <summary>
    /// The rule: every key of the table has one value, and what one side lacks is left out. A pair gives one row or none, so all fit.
    /// </summary>
    /// <returns>Rows made.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int MatchSingles(ReadOnlySpan<(K Key, TStreamed Value)> pairs)
    {
        Span<int> numbers = stackalloc int[FoundAtOnce];
        var values = table.Singles;
        var rows = _rows.AsSpan();
        var count = 0;
        while (!pairs.IsEmpty)
        {
            var some = pairs[..Math.Min(FoundAtOnce, pairs.Length)];
            table.Find(some, numbers);
            for (var i = 0; i < some.Length; i++)
            {
                var number = numbers[i];
                if (number >= 0)
                {
                    rows[count++] = (some[i].Key, default(TMake).Both(values[number], some[i].Value));
                }
            }

            pairs = pairs[some.Length..];
        }

        return count;
    }

    private void AddUnmet(int limit)
    {
        for (; _unmet < table.Keys && _count < limit; _unmet++)
        {
            if (table.IsMet(_unmet))
            {
                continue;
            }

            var values = table.ValuesOf(_unmet);
            var taken = Math.Min(values.Length - _done, limit - _count);
            for (var v = 0; v < taken; v++)
            {
                _rows[_count++] = (table.KeyOf(_unmet), default(TMake).OnlyBuilt(values[_done + v]));
            }

            _done += taken;
            if (_done < values.Length)
            {
                return;
            }

            _done = 0;
        }
    }
}
