using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Ranks for one set of keys: numbers in the keys' order, for radix sorting. Made anew for each set, since where the ranks begin and how
/// many bits they take depend on it: all keys are measured first. Virtual calls are per run of keys.
/// </summary>
internal abstract class Ranking<K>
{
    /// <summary>Bits that the ranks take, after all keys were measured; 0 when they are all equal.</summary>
    public abstract int Bits { get; }

    /// <summary>Whether equal ranks are equal keys, after all keys were measured; otherwise what ranks alike is compared.</summary>
    public abstract bool IsExact { get; }

    public abstract void Measure(ReadOnlySpan<K> keys);

    public abstract void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks);
}

/// <summary>An order by which keys can be ranked.</summary>
internal interface IRankingOrder<K>
{
    /// <summary>Null when there are no ranks.</summary>
    Ranking<K>? NewRanking();
}

internal static class Ranking
{
    /// <summary>Ranks in a comparer's order, null for the natural one; null when there are none and only comparison is left.</summary>
    public static Ranking<K>? Of<K>(IComparer<K>? comparer)
    {
        var natural = NaturalOrder<K>.ComparerOrNull;
        if (comparer is not null && !ReferenceEquals(comparer, natural))
        {
            return (comparer as IRankingOrder<K>)?.NewRanking();
        }

        return KeyRank<K>.IsExact ? new NumberRanking<K>()
            : typeof(K) == typeof(string) ? (Ranking<K>)(object)new StringRanking()
            : (natural as IRankingOrder<K>)?.NewRanking();
    }
}

/// <summary>Numbers and times: the distance from the smallest.</summary>
internal sealed class NumberRanking<K> : Ranking<K>
{
    private ulong _low = ulong.MaxValue;
    private ulong _high;

    public override int Bits => _high <= _low ? 0 : 64 - BitOperations.LeadingZeroCount(_high - _low);

    public override bool IsExact => true;

    public override void Measure(ReadOnlySpan<K> keys)
    {
        foreach (var key in keys)
        {
            var rank = KeyRank<K>.Of(key);
            _low = Math.Min(_low, rank);
            _high = Math.Max(_high, rank);
        }
    }

    public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ranks[i] = KeyRank<K>.Of(keys[i]) - _low;
        }
    }
}

/// <summary>
/// Strings, ordinal: the units behind what all begin with ("http://www."). Eight of them when they are all narrow (most text is), else
/// four.
/// </summary>
internal sealed class StringRanking : Ranking<string?>
{
    /// <summary>The narrow form stores a unit plus one in a byte; nothing is 0.</summary>
    private const char LargestNarrow = (char)0xFE;

    private string? _prefix;
    private int _common;
    private bool _any;
    private bool _alike = true;
    private bool _narrow = true;

    public override int Bits => _alike ? 0 : 64;

    public override bool IsExact => _alike;

    public override void Measure(ReadOnlySpan<string?> keys)
    {
        foreach (var key in keys)
        {
            if (!_any)
            {
                _any = true;
                _prefix = key;
                _common = key?.Length ?? 0;
                _narrow = key is null || !key.AsSpan().ContainsAnyExceptInRange('\0', LargestNarrow);
                continue;
            }

            if (_alike && ReferenceEquals(key, _prefix))
            {
                continue;
            }

            var shared = key is null || _prefix is null ? 0 : key.AsSpan().CommonPrefixLength(_prefix.AsSpan(0, _common));
            _alike = _alike && key is not null && _prefix is not null && shared == key.Length && shared == _prefix.Length;
            _common = shared;
            _narrow = _narrow && (key is null || !key.AsSpan(shared).ContainsAnyExceptInRange('\0', LargestNarrow));
        }
    }

    public override void Rank(ReadOnlySpan<string?> keys, Span<ulong> ranks)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var rest = keys[i] is { } key ? key.AsSpan(_common) : default;
            ranks[i] = _narrow ? Narrow(rest) : Wide(rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Narrow(ReadOnlySpan<char> text)
    {
        ulong rank = 0;
        var length = Math.Min(text.Length, 8);
        for (var i = 0; i < length; i++)
        {
            rank |= (ulong)(text[i] + 1) << (56 - (8 * i));
        }

        return rank;
    }

    private static ulong Wide(ReadOnlySpan<char> text)
    {
        ulong rank = 0;
        var length = Math.Min(text.Length, 4);
        for (var i = 0; i < length; i++)
        {
            rank |= (ulong)text[i] << (48 - (16 * i));
        }

        return rank;
    }
}

/// <summary>The other way round.</summary>
internal sealed class DescendingRanking<K>(Ranking<K> inner) : Ranking<K>
{
    public override int Bits => inner.Bits;

    public override bool IsExact => inner.IsExact;

    public override void Measure(ReadOnlySpan<K> keys) => inner.Measure(keys);

    public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
    {
        inner.Rank(keys, ranks);
        var highest = Bits == 0 ? 0 : ulong.MaxValue >> (64 - Bits);
        for (var i = 0; i < keys.Length; i++)
        {
            ranks[i] = highest - ranks[i];
        }
    }
}

/// <summary>One part of a key, such as a field of a tuple.</summary>
internal sealed class PartRanking<K, P>(Ranking<P> inner, Func<K, P> partOf) : Ranking<K>
{
    private readonly P[] _parts = new P[256];

    public override int Bits => inner.Bits;

    public override bool IsExact => inner.IsExact;

    public override void Measure(ReadOnlySpan<K> keys)
    {
        for (; !keys.IsEmpty; keys = keys[Math.Min(keys.Length, _parts.Length)..])
        {
            inner.Measure(Parts(keys));
        }
    }

    public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
    {
        for (var start = 0; start < keys.Length; start += _parts.Length)
        {
            inner.Rank(Parts(keys[start..]), ranks[start..]);
        }
    }

    private ReadOnlySpan<P> Parts(ReadOnlySpan<K> keys)
    {
        var parts = _parts.AsSpan(0, Math.Min(keys.Length, _parts.Length));
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = partOf(keys[i]);
        }

        return parts;
    }
}

/// <summary>
/// By one ranking and, where that is equal, by a second: the second's ranks take the bits that the first's leave. When the first's are not
/// exact or leave none, or the second has no ranks, comparison does the rest.
/// </summary>
internal sealed class LevelRanking<K>(Ranking<K> first, Ranking<K>? second) : Ranking<K>
{
    private readonly ulong[] _ranks = new ulong[256];

    public override int Bits => Math.Min(64, first.Bits + SecondBits);

    public override bool IsExact => first.IsExact && second is { IsExact: true } && first.Bits + second.Bits <= 64;

    private int SecondBits => first.IsExact && second is not null ? second.Bits : 0;

    public override void Measure(ReadOnlySpan<K> keys)
    {
        first.Measure(keys);
        second?.Measure(keys);
    }

    public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
    {
        first.Rank(keys, ranks);
        var added = Math.Min(SecondBits, 64 - first.Bits);
        if (added == 0)
        {
            return;
        }

        var dropped = SecondBits - added;
        for (var start = 0; start < keys.Length; start += _ranks.Length)
        {
            var count = Math.Min(keys.Length - start, _ranks.Length);
            var batch = ranks.Slice(start, count);
            second!.Rank(keys.Slice(start, count), _ranks);
            for (var i = 0; i < batch.Length; i++)
            {
                // A shift by 64 would be one by 0.
                batch[i] = (added == 64 ? 0 : batch[i] << added) | (_ranks[i] >> dropped);
            }
        }
    }
}
