using System.Numerics;

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

    /// <summary>
    /// Ranks that tell apart what these rank alike, measured as these were; null when there are none. Asked for after all keys were
    /// measured.
    /// </summary>
    public virtual Ranking<K>? Rest => null;
}

/// <summary>An order by which keys can be ranked.</summary>
internal interface IRankingOrder<K>
{
    /// <summary>Null when there are no ranks.</summary>
    Ranking<K>? NewRanking();
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

/// <summary>The other way round.</summary>
internal sealed class DescendingRanking<K>(Ranking<K> inner) : Ranking<K>
{
    public override int Bits => inner.Bits;

    public override bool IsExact => inner.IsExact;

    public override Ranking<K>? Rest => inner.Rest is { } rest ? new DescendingRanking<K>(rest) : null;

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

    public override Ranking<K>? Rest => inner.Rest is { } rest ? new PartRanking<K, P>(rest, partOf) : null;

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
/// exact or leave none, the rest does the rest; when the second has no ranks, comparison does.
/// </summary>
internal sealed class LevelRanking<K>(Ranking<K> first, Ranking<K>? second) : Ranking<K>
{
    private readonly ulong[] _ranks = new ulong[256];

    public override int Bits => Math.Min(64, first.Bits + SecondBits);

    public override bool IsExact => first.IsExact && second is { IsExact: true } && first.Bits + second.Bits <= 64;

    public override Ranking<K>? Rest =>
        IsExact ? null
        : !first.IsExact ? first.Rest is { } rest ? new LevelRanking<K>(rest, second) : null
        : second is not null && first.Bits + second.Bits > 64 ? second
        : second?.Rest;

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
