using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Ordering;

/// <summary>
/// Sorts any number of elements within the memory that a task may hold. They are taken in chunks. When the task is refused more memory, the
/// chunks become a sorted sequence on disk. At the end the sequences are merged; without sequences there is no merge. The cuts between
/// sequences depend on the free memory, and show nowhere: sequences are stable and merged in the order of arrival.
/// </summary>
/// <remarks>
/// A chunk is never copied to a larger one. Runs of elements that stay in memory anyway (buckets of local blocks) are sorted from where
/// they lie. Sorting moves elements once from the chunks to the sorted array, for which there is memory before a chunk is taken.
/// </remarks>
internal sealed class SortBuffer<T, K, TKey>(Sorter<T, K, TKey> sorter, TaskMemory memory)
    where TKey : struct, IKeyOf<T, K>
{
    /// <summary>Elements of the first chunk, which is taken in any case.</summary>
    private const int SmallestChunk = 1024;

    /// <summary>Elements of a run that is not worth a place of its own.</summary>
    private const int ShortRun = 128;

    private static readonly int s_largestChunk = Math.Max(SmallestChunk, (4 << 20) / Unsafe.SizeOf<T>());

    private readonly List<ReadOnlyMemory<T>> _chunks = [];
    private readonly SortedSpills<T, K, TKey> _spills = new(sorter, memory);

    // Arrays for chunks, in use and free. Once taken they stay, with the memory that is held for them, until the end.
    private readonly List<T[]> _used = [];
    private readonly Stack<T[]> _free = [];
    private T[] _chunk = [];

    // Where what is not listed yet begins in the chunk, and where it ends.
    private int _start;
    private int _count;
    private int _length;
    private T[] _sorted = [];
    private long _held;
    private long _heldForSpill;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item)
    {
        var chunk = _chunk;
        if ((uint)_count >= (uint)chunk.Length)
        {
            chunk = NextChunk();
        }

        chunk[_count++] = item;
    }

    /// <summary>Copies a run.</summary>
    public void Add(ReadOnlySpan<T> run)
    {
        while (!run.IsEmpty)
        {
            if (_count == _chunk.Length)
            {
                NextChunk();
            }

            var part = run[..Math.Min(run.Length, _chunk.Length - _count)];
            part.CopyTo(_chunk.AsSpan(_count));
            _count += part.Length;
            run = run[part.Length..];
        }
    }

    /// <summary>Takes a run that stays as it is. Short ones are copied: to list each, and to sort from so many, would cost more.</summary>
    public void AddLasting(ReadOnlyMemory<T> run)
    {
        if (run.Length < ShortRun)
        {
            Add(run.Span);
            return;
        }

        EndChunk();
        while (!run.IsEmpty)
        {
            var length = Reserve(run.Length);
            _chunks.Add(run[..length]);
            run = run[length..];
        }
    }

    /// <summary>All elements in order. Nothing can be added any more.</summary>
    public ChunkReader<T> Finish()
    {
        EndChunk();
        var last = Sort();
        _used.Clear();
        _free.Clear();
        var left = Math.Min(_held + _heldForSpill, (long)_sorted.Length * Unsafe.SizeOf<T>());
        memory.Shrink(_held + _heldForSpill - left);
        return _spills.IsEmpty ? new MemoryReader<T>(last) : _spills.Merge(last);
    }

    private T[] NextChunk()
    {
        EndChunk();
        if (!_free.TryPop(out var chunk))
        {
            _length = Math.Clamp(_length * 2, SmallestChunk, s_largestChunk);
            var bytes = (long)_length * (Unsafe.SizeOf<T>() + sorter.BytesToSort);
            if (memory.TryGrow(bytes))
            {
                _held += bytes;
            }
            else if (_chunks.Count > 0)
            {
                Spill();
                _length = SmallestChunk;
            }

            chunk = _free.TryPop(out var freed) ? freed : GC.AllocateUninitializedArray<T>(_length);
        }

        _used.Add(chunk);
        (_start, _count) = (0, 0);
        return _chunk = chunk;
    }

    /// <summary>
    /// Lists what came since the last time. The rest of the chunk is for what comes: runs that stay may alternate with others.
    /// </summary>
    private void EndChunk()
    {
        if (_count == _start)
        {
            return;
        }

        var chunk = _chunk.AsMemory(_start, _count - _start);
        _start = _count;
        _chunks.Add(chunk);

        // What the elements refer to is known only now.
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()
            && !TryHoldForSpill(Sizes.Estimate<T>(chunk.Span) - ((long)chunk.Length * Unsafe.SizeOf<T>())))
        {
            Spill();
        }
    }

    /// <summary>Memory to sort so many elements, or as many of them as there is memory for. When it is used up, all goes to disk.</summary>
    private int Reserve(int count)
    {
        var wanted = count;
        while (!TryHoldForSpill((long)wanted * sorter.BytesToSort))
        {
            if (wanted > SmallestChunk)
            {
                wanted = Math.Max(SmallestChunk, wanted / 2);
            }
            else if (_chunks.Count > 0)
            {
                Spill();
                wanted = count;
            }
            else
            {
                break;
            }
        }

        return wanted;
    }

    private bool TryHoldForSpill(long bytes)
    {
        if (!memory.TryGrow(bytes))
        {
            return false;
        }

        _heldForSpill += bytes;
        return true;
    }

    private ReadOnlyMemory<T> Sort()
    {
        var total = 0;
        foreach (var chunk in _chunks)
        {
            total = checked(total + chunk.Length);
        }

        if (_sorted.Length < total)
        {
            _sorted = GC.AllocateUninitializedArray<T>(total);
        }

        sorter.Sort(_chunks, _sorted.AsSpan(0, total));
        _chunks.Clear();
        return _sorted.AsMemory(0, total);
    }

    private void Spill()
    {
        _spills.Add(Sort());
        memory.Shrink(_heldForSpill);
        _heldForSpill = 0;
        foreach (var chunk in _used)
        {
            _free.Push(chunk);
        }

        _used.Clear();
        (_chunk, _start, _count) = ([], 0, 0);
    }
}
