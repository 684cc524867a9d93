using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Shuffle;

/// <summary>
/// One input of an operation that must see all of a key at once. A small input is kept whole. A larger one is split by hash bits into
/// parts, which are worked on one after the other. The pairs of a part are in order of arrival. Whether it splits depends on the number of
/// pairs alone.
/// </summary>
internal sealed class SplitInput<K, V>(int level, TaskMemory memory)
{
    /// <summary>Pairs that are kept whole.</summary>
    public const int MostWhole = 1 << 17;

    // Borrowed: its memory is warm, and a job of many rounds makes no garbage of its size in each.
    private (K Key, V Value)[] _whole = [];
    private int _count;
    private TableMemory _memory = new(memory);
    private BucketLog<(K Key, V Value)>? _parts;

    public bool IsSplit => _parts is not null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add((K Key, V Value) pair)
    {
        if (_parts is { } parts)
        {
            parts.Add(pair, PartOf(pair));
        }
        else if ((uint)_count < (uint)_whole.Length)
        {
            _whole[_count++] = pair;
        }
        else
        {
            AddMore(pair);
        }
    }

    /// <summary>Splits, also a small input: when another input of the same operation does.</summary>
    public void Split()
    {
        if (_parts is null)
        {
            _parts = new BucketLog<(K, V)>(SubPartition.Count, memory, () => memory.Spill);
            foreach (var pair in _whole.AsSpan(0, _count))
            {
                _parts.Add(pair, PartOf(pair));
            }

            Forget();
        }
    }

    /// <summary>Pairs of a part; of the whole when it is not split.</summary>
    public long CountOf(int part) => _parts?.CountOf(part) ?? _count;

    /// <summary>The pairs of a part, to be read once; the whole when it is not split.</summary>
    public ChunkReader<(K Key, V Value)> Take(int part) =>
        _parts?.Take(part) ?? new MemoryReader<(K Key, V Value)>(_whole.AsMemory(0, _count));

    /// <summary>A part as an input of its own, split by the next bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SplitInput<K, V> SplitPart(int part, int level, TaskMemory memory)
    {
        var below = new SplitInput<K, V>(level, memory);
        below.Split();
        using var pairs = Take(part);
        while (pairs.Next(int.MaxValue, out var run))
        {
            foreach (var pair in run)
            {
                below.Add(pair);
            }
        }

        return below;
    }

    /// <summary>Gives back its memory, also that of readers of the whole.</summary>
    public void Clear()
    {
        _parts?.Dispose();
        _parts = null;
        Forget();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PartOf((K Key, V Value) pair) => SubPartition.Of(StableHash<K>.Of(pair.Key), level);

    private void Forget()
    {
        Borrowed.GiveBack(ref _whole);
        _count = 0;
        _memory.Set(0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddMore((K Key, V Value) pair)
    {
        // The pool's arrays have powers of two as lengths, as this bound is: it is met by the number of pairs alone.
        if (_count >= MostWhole)
        {
            Split();
            _parts!.Add(pair, PartOf(pair));
            return;
        }

        Borrowed.Grow(ref _whole, _count, Math.Max(64, _count * 2));
        _memory.Set(Sizes.Estimate<(K, V)>(_whole.AsSpan(0, _count)) + ((long)(_whole.Length - _count) * Unsafe.SizeOf<(K, V)>()));
        _whole[_count++] = pair;
    }
}

/// <summary>Reads pairs into an input.</summary>
internal readonly struct SplitSink<K, V>(SplitInput<K, V> input) : ISink<(K Key, V Value)>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add((K Key, V Value) item)
    {
        input.Add(item);
        return true;
    }
}
