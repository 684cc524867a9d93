using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Memory;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>
/// Elements for many buckets. They are collected as they come, each with its bucket, and laid out bucket after bucket, a batch at a
/// time. So memory follows the elements and not the buckets, and a task makes a few arrays where a chunk for each bucket would make
/// thousands.
/// When the task is refused a batch, those before it go to disk, and stay in front of later ones there.
/// </summary>
/// <param name="memory">Counts the batches, and takes to disk those that it refuses to hold; null when nobody counts.</param>
internal sealed class BucketBatches<T>(int buckets, TaskMemory? memory)
{
    /// <summary>What is collected stays in a core's cache until it is laid out.</summary>
    private const int FirstBatchBytes = 1 << 20;

    /// <summary>Later batches are larger: an output of many of them is read in longer runs.</summary>
    private const int LaterBatchBytes = 4 << 20;

    /// <summary>A batch is laid out for all buckets, so there are so many elements for each on average.</summary>
    private const int LeastPerBucket = 4;

    /// <summary>Below one element for so many buckets the empty buckets are left out.</summary>
    private const int SparseBelow = 4;

    private const int SmallestRoom = 256;

    private readonly int _first = Math.Max(FirstBatchBytes / Unsafe.SizeOf<T>(), LeastPerBucket * buckets);
    private readonly int _later = Math.Max(LaterBatchBytes / Unsafe.SizeOf<T>(), LeastPerBucket * buckets);
    private readonly List<Batch> _batches = [];
    private readonly List<ReadOnlyMemory<T>> _runs = [];

    // Later batches use the arrays of spilled ones again. Otherwise as much garbage would arise as the task holds.
    private readonly Stack<T[]> _free = [];

    // Borrowed: what is collected lies in warm memory in every task.
    private T[] _items = [];
    private int[] _targets = [];
    private int[] _next = [];

    // How many elements of each bucket are collected.
    private int[] _counts = [];
    private int _used;
    private int _room;
    private SpilledBuckets<T>? _spilled;
    private long _granted;
    private long _held;

    private bool IsFirst => _batches.Count == 0 && _spilled is null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T item, int bucket)
    {
        if (_used == _room)
        {
            MakeRoom();
        }

        var at = _used++;
        _items[at] = item;
        _targets[at] = bucket;
        _counts[bucket]++;
    }

    /// <summary>All of it as a block; the batches are not used any more.</summary>
    public Block ToBlock(ulong fingerprint)
    {
        var block = !IsFirst ? Complete(fingerprint)
            : _used < buckets / SparseBelow ? LayOutSparse(fingerprint)
            : LayOutDense(fingerprint);
        Borrowed.GiveBack(ref _items);
        Borrowed.GiveBack(ref _targets);
        Borrowed.GiveBack(ref _next);
        return block;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom()
    {
        if (_used == (IsFirst ? _first : _later))
        {
            AddBatch();
        }

        if (_used == 0)
        {
            _counts = new int[buckets];
        }

        var most = IsFirst ? _first : _later;
        if (_used == Math.Min(_items.Length, _targets.Length))
        {
            var length = IsFirst ? Math.Min(most, Math.Max(SmallestRoom, _used * 4)) : most;
            Borrowed.Grow(ref _items, _used, length);
            Borrowed.Grow(ref _targets, _used, length);
        }

        _room = Math.Min(most, Math.Min(_items.Length, _targets.Length));
    }

    private void AddBatch()
    {
        var bytes = Sizes.Estimate<T>(_items.AsSpan(0, _used)) + ((long)sizeof(int) * buckets);
        if (memory is not null && _held + bytes > _granted)
        {
            if (memory.TryGrow(bytes))
            {
                _granted += bytes;
            }
            else
            {
                Spill();
            }
        }

        _held += bytes;
        _batches.Add(LayOut());
        _used = 0;
    }

    private Block Complete(ulong fingerprint)
    {
        if (_used > 0)
        {
            AddBatch();
        }

        if (_spilled is not null)
        {
            Spill();
            _free.Clear();
            return _spilled.ToBlock(memory!, fingerprint);
        }

        var ends = new int[buckets];
        for (var b = 0; b < buckets; b++)
        {
            ListRuns(b);
            ends[b] = _runs.Count;
        }

        return new ChunkedBlock<T>([.. _runs], ends, fingerprint, _held);
    }

    /// <summary>Lists the runs of a bucket behind those that are listed.</summary>
    private void ListRuns(int bucket)
    {
        foreach (var batch in _batches)
        {
            var start = bucket == 0 ? 0 : batch.Ends[bucket - 1];
            if (batch.Ends[bucket] > start)
            {
                _runs.Add(batch.Items.AsMemory(start, batch.Ends[bucket] - start));
            }
        }
    }

    /// <summary>Writes the batches behind what is on disk. What was granted stays, for what comes.</summary>
    private void Spill()
    {
        if (_batches.Count == 0)
        {
            return;
        }

        _spilled ??= new SpilledBuckets<T>(buckets, memory!.NewFile());
        for (var b = 0; b < buckets; b++)
        {
            _runs.Clear();
            ListRuns(b);
            if (_runs.Count > 0)
            {
                _spilled.Add(b, CollectionsMarshal.AsSpan(_runs));
            }
        }

        foreach (var batch in _batches)
        {
            if (batch.Items.Length == _later)
            {
                _free.Push(batch.Items);
            }
        }

        _batches.Clear();
        _held = 0;
    }

    /// <summary>A counting sort: what is collected, bucket after bucket, each in the order of arrival.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Batch LayOut()
    {
        if (_next.Length == 0)
        {
            _next = Borrowed.Array<int>(buckets);
        }

        // The counts become the ends of the batch.
        var ends = _counts;
        var next = _next.AsSpan(0, buckets);
        var sum = 0;
        for (var b = 0; b < ends.Length; b++)
        {
            next[b] = sum;
            sum += ends[b];
            ends[b] = sum;
        }

        var targets = _targets.AsSpan(0, _used);
        var items = _items.AsSpan(0, _used);
        var laidOut = items.Length == _later && _free.TryPop(out var free) ? free : NewArray(items.Length);
        ref var to = ref MemoryMarshal.GetArrayDataReference(laidOut);
        for (var i = 0; i < items.Length; i++)
        {
            // Counted by the same targets, so that no place is outside.
            Unsafe.Add(ref to, (nint)(uint)next[targets[i]]++) = items[i];
        }

        return new Batch(laidOut, ends);
    }

    private BucketBlock<T> LayOutDense(ulong fingerprint)
    {
        var batch = LayOut();
        return new BucketBlock<T>(batch.Items, batch.Ends, null, buckets, fingerprint);
    }

    /// <summary>Few elements for many buckets: sorted by (bucket, arrival), and only the buckets that have any are listed.</summary>
    private BucketBlock<T> LayOutSparse(ulong fingerprint)
    {
        var order = new long[_used];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = ((long)_targets[i] << 32) | (uint)i;
        }

        Array.Sort(order);
        var laidOut = new T[order.Length];
        var listed = new List<int>();
        var ends = new List<int>();
        for (var i = 0; i < order.Length; i++)
        {
            laidOut[i] = _items[(int)order[i]];
            var bucket = (int)(order[i] >> 32);
            if (listed.Count == 0 || listed[^1] != bucket)
            {
                listed.Add(bucket);
                ends.Add(0);
            }

            ends[^1] = i + 1;
        }

        return new BucketBlock<T>(laidOut, [.. ends], [.. listed], buckets, fingerprint);
    }

    private static T[] NewArray(int length) =>
        RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? new T[length] : GC.AllocateUninitializedArray<T>(length);

    /// <summary>Elements bucket after bucket, and where each bucket ends.</summary>
    private readonly record struct Batch(T[] Items, int[] Ends);
}
