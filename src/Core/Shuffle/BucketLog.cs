using System.Runtime.CompilerServices;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Elements appended to one of many buckets, in order of arrival within each. Every bucket fills a chunk of its own. Chunks grow from small
/// ones, so that many buckets of few elements stay small, and are never copied. When the task is refused a chunk, all elements held go to
/// disk, and stay in front of later ones there. So a bucket reads the same, however often that happened.
/// </summary>
/// <param name="memory">Counts the chunks; null when nobody counts.</param>
/// <param name="file">Where to spill; asked for when it is needed.</param>
internal sealed class BucketLog<T>(int buckets, TaskMemory? memory, Func<SpillFile>? file = null) : IDisposable
{
    private const int LargestChunkBytes = 256 * 1024;
    private const int FirstChunkBytes = 512;

    private static readonly int s_firstChunk = Math.Max(8, FirstChunkBytes / Unsafe.SizeOf<T>());
    private static readonly int s_largestChunk = Math.Max(64, LargestChunkBytes / Unsafe.SizeOf<T>());

    private readonly Open[] _open = NewBuckets(buckets);
    private readonly List<(int Bucket, T[] Chunk)> _full = [];

    // Later elements use the chunks of spilled ones again. Otherwise as much garbage would arise as the task holds.
    private readonly Stack<T[]> _free = [];
    private SpilledBuckets<T>? _spilled;
    private ReadOnlyMemory<T>[]? _runs;
    private int[]? _ends;
    private long _granted;
    private long _held;

    /// <summary>Whether some of it is on disk.</summary>
    public bool IsSpilled => _spilled is not null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item, int bucket)
    {
        ref var open = ref _open[bucket];
        var chunk = open.Chunk;
        var used = open.Used;
        if ((uint)used < (uint)chunk.Length)
        {
            chunk[used] = item;
            open.Used = used + 1;
            return;
        }

        AddToNewChunk(item, bucket);
    }

    /// <summary>Elements of a bucket, on disk and in memory.</summary>
    public long CountOf(int bucket)
    {
        var count = _spilled?.CountOf(bucket) ?? 0;
        Freeze();
        foreach (var run in RunsOf(bucket))
        {
            count += run.Length;
        }

        return count;
    }

    /// <summary>The elements of a bucket, to be read once: their memory is given back when the reader is disposed of.</summary>
    public ChunkReader<T> Take(int bucket)
    {
        Freeze();
        _free.Clear();
        return new ConcatReader<T>(Parts(bucket));
    }

    /// <summary>All of it as a block; the log is not used any more.</summary>
    public Block ToBlock(ulong fingerprint)
    {
        if (!IsSpilled)
        {
            Freeze();
            return new ChunkedBlock<T>(_runs!, _ends!, fingerprint);
        }

        Spill();
        _free.Clear();
        return _spilled!.ToBlock(memory!, fingerprint);
    }

    /// <summary>Gives back what was granted.</summary>
    public void Dispose()
    {
        _full.Clear();
        _free.Clear();
        memory?.Shrink(_granted);
        _granted = 0;
    }

    private static Open[] NewBuckets(int buckets)
    {
        var open = new Open[buckets];
        Array.Fill(open, new Open { Chunk = [] });
        return open;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddToNewChunk(T item, int bucket)
    {
        var before = _open[bucket].Chunk;
        var length = Math.Clamp(before.Length * 2, s_firstChunk, s_largestChunk);
        var bytes = ((long)(length - before.Length) * Unsafe.SizeOf<T>()) + Sizes.Estimate<T>(before);
        if (_held + bytes > _granted && memory is not null && !TryGrow(bytes))
        {
            Spill();
        }
        else if (before.Length > 0)
        {
            _full.Add((bucket, before));
        }

        var chunk = (length == s_largestChunk || _free.Count > buckets) && _free.Count > 0 ? _free.Pop() : NewChunk(length);
        _held += bytes + ((long)(chunk.Length - length) * Unsafe.SizeOf<T>());
        chunk[0] = item;
        _open[bucket] = new Open { Chunk = chunk, Used = 1 };
    }

    private static T[] NewChunk(int length) =>
        RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? new T[length] : GC.AllocateUninitializedArray<T>(length);

    private bool TryGrow(long bytes)
    {
        if (!memory!.TryGrow(bytes))
        {
            return false;
        }

        _granted += bytes;
        return true;
    }

    /// <summary>Lists what is in memory bucket after bucket.</summary>
    private void Freeze()
    {
        if (_runs is not null)
        {
            return;
        }

        _ends = new int[buckets];
        foreach (var (bucket, _) in _full)
        {
            _ends[bucket]++;
        }

        var next = 0;
        var starts = new int[buckets];
        for (var b = 0; b < buckets; b++)
        {
            starts[b] = next;
            next += _ends[b] + (_open[b].Used > 0 ? 1 : 0);
            _ends[b] = next;
        }

        _runs = new ReadOnlyMemory<T>[next];
        foreach (var (bucket, chunk) in _full)
        {
            _runs[starts[bucket]++] = chunk;
        }

        for (var b = 0; b < buckets; b++)
        {
            if (_open[b].Used > 0)
            {
                _runs[starts[b]] = _open[b].Chunk.AsMemory(0, _open[b].Used);
            }
        }
    }

    private Span<ReadOnlyMemory<T>> RunsOf(int bucket)
    {
        var start = bucket == 0 ? 0 : _ends![bucket - 1];
        return _runs.AsSpan(start, _ends![bucket] - start);
    }

    private IEnumerable<ChunkReader<T>> Parts(int bucket)
    {
        if (_spilled?.CountOf(bucket) > 0)
        {
            yield return _spilled.Read(bucket);
        }

        var start = bucket == 0 ? 0 : _ends![bucket - 1];
        for (var i = start; i < _ends![bucket]; i++)
        {
            var run = _runs![i];
            yield return new MemoryReader<T>(run);
            _runs[i] = default;
            GiveBack((long)run.Length * Unsafe.SizeOf<T>());
        }
    }

    private void GiveBack(long bytes)
    {
        bytes = Math.Min(bytes, _granted);
        _granted -= bytes;
        _held -= Math.Min(bytes, _held);
        memory?.Shrink(bytes);
    }

    /// <summary>Writes what is in memory behind what is on disk. What was granted stays, for what comes.</summary>
    private void Spill()
    {
        Freeze();
        _spilled ??= new SpilledBuckets<T>(buckets, file!());
        for (var b = 0; b < buckets; b++)
        {
            var runs = RunsOf(b);
            if (runs.Length > 0)
            {
                _spilled.Add(b, runs);
                Free(_open[b].Chunk);
                _open[b] = new Open { Chunk = [] };
            }
        }

        foreach (var (_, chunk) in _full)
        {
            Free(chunk);
        }

        _full.Clear();
        _runs = null;
        _held = 0;
    }

    private void Free(T[] chunk)
    {
        if (chunk.Length == s_largestChunk)
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            {
                Array.Clear(chunk);
            }

            _free.Push(chunk);
        }
    }

    private struct Open
    {
        public T[] Chunk;
        public int Used;
    }
}
