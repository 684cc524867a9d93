using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Memory;

namespace MicroSpark.Tables;

/// <summary>
/// The hash table of every aggregation: one combined value for each key. Entries lie densely in the order in which their keys first came.
/// So the result is a function of the input alone, and not of the capacity or of how often the table grew.
/// </summary>
/// <remarks>
/// <code>
/// slots    [ 0 | tag,3 | 0 | tag,1 | tag,2 | 0 | 0 | 0 ]     open addressing, a power of two, at most half full, small ones a quarter
/// entries  [ (k1,v1) | (k2,v2) | (k3,v3) ]                   dense; hashes[] runs beside it, read only to grow
/// </code>
/// A slot is 32 bits: the low bits hold the entry's number plus one (0 is free), the others hold the same bits of the hash. A probe
/// that meets a stranger is sent on by the tag without touching the stranger's entry, so a hit costs two cache lines. Only the low 32
/// bits of a hash are used: partitioners read the high ones, which are all alike within one partition.
/// </remarks>
internal sealed class CombineTable<K, C>
{
    private const int SmallestCapacity = 16;
    private const int MaxCapacity = 1 << 29;

    /// <summary>
    /// Up to here a quarter of the slots is filled at most: in the cache a wrong guess of the probe's length costs more than the room.
    /// Above, half, because there the cache misses cost most.
    /// </summary>
    private const int SparseCapacity = 1 << 16;

    /// <summary>With fewer slots all is in the first cache.</summary>
    private const uint PrefetchFrom = 1 << 12;

    // Of the shared pool, which wants them back: each task of a stage fills a table of about the same size.
    private uint[] _slots = [];
    private uint _mask;
    private (K Key, C Value)[] _entries = [];
    private ulong[] _hashes = [];
    private int _count;
    private TableMemory _memory;

    /// <param name="capacity">Keys to make room for at once.</param>
    /// <param name="memory">Counts the table as it grows; null when nobody does.</param>
    public CombineTable(int capacity = 0, TaskMemory? memory = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        capacity = Math.Max(SmallestCapacity, (int)BitOperations.RoundUpToPowerOf2((uint)capacity));
        Begin(capacity);
        _memory = new TableMemory(memory);
        _memory.Set(Bytes);
    }

    /// <summary>Distinct keys.</summary>
    public int Count => _count;

    /// <summary>Keys it holds before it grows again.</summary>
    public int Capacity => _entries.Length;

    /// <summary>
    /// Keys and values in the order of the keys' first arrival; values may be changed in place. Valid until the next new key.
    /// </summary>
    public Span<(K Key, C Value)> Entries => _entries.AsSpan(0, _count);

    /// <summary>The entries' hashes, in the same order: whoever partitions the entries need not hash again.</summary>
    public ReadOnlySpan<ulong> Hashes => _hashes.AsSpan(0, _count);

    /// <summary>Memory of the arrays, in bytes, without what entries point to.</summary>
    public long Bytes => ((long)_slots.Length * sizeof(uint)) + ((long)_entries.Length * (Unsafe.SizeOf<(K, C)>() + sizeof(ulong)));

    /// <summary>
    /// The value of a key, made as default when the key is new. The reference is valid until the next new key.
    /// </summary>
    /// <param name="hash">The key's stable hash.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref C Slot(K key, ulong hash, out bool exists)
    {
        var index = IndexOf(key, hash, out exists);
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), index).Value;
    }

    /// <summary>
    /// Asks for the memory that keys will need which come soon: the slot of the one that is <paramref name="far"/>, and the entry that the
    /// slot of the <paramref name="near"/> one names.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong near, ulong far)
    {
        var mask = _mask;
        if (mask < PrefetchFrom)
        {
            return;
        }

        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        Memory.Prefetch.Read(ref Unsafe.Add(ref slots, (uint)far & mask));
        var index = (int)(Unsafe.Add(ref slots, (uint)near & mask) & mask);
        Memory.Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), Math.Max(index, 1) - 1));
    }

    /// <summary>Asks for the slot of a key that comes soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchSlot(ulong hash) =>
        Memory.Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (uint)hash & _mask));

    /// <summary>Asks for the entry that the slot of a key names. The slot is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchEntry(ulong hash) => Memory.Prefetch.Read(ref EntryAt(hash));

    /// <summary>Asks for what the key refers to that is in the entry that the slot of a key names. Slot and entry are read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchKey(ulong hash) => Memory.Prefetch.Object(ref Unsafe.As<K, object?>(ref EntryAt(hash).Key));

    /// <summary>The number of a key's entry, from 0 in the order of first arrival; a new key gets the next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IndexOf(K key, ulong hash, out bool exists)
    {
        // References instead of indexing: range checks would cost a fifth of the time. A probe is masked, and an entry's number comes from
        // the table itself, so neither can be out of range.
        var tag = (uint)hash;
        var mask = _mask;
        var position = tag & mask;
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        while (true)
        {
            var slot = Unsafe.Add(ref slots, position);
            if (slot == 0)
            {
                exists = false;
                return Add(key, hash, position);
            }

            if (((slot ^ tag) & ~mask) == 0)
            {
                var index = (int)(slot & mask) - 1;
                ref var there = ref Unsafe.Add(ref entries, index).Key;
                if (KeyEquality<K>.Same(there, key))
                {
                    if (!typeof(K).IsValueType && !ReferenceEquals(there, key) && key is string)
                    {
                        // The string that comes now is likely the one that will come again: then no characters are compared.
                        there = key;
                    }

                    exists = true;
                    return index;
                }
            }

            position = (position + 1) & mask;
        }
    }

    /// <summary>The number of a key's entry, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(K key, ulong hash)
    {
        var tag = (uint)hash;
        var mask = _mask;
        for (var position = tag & mask; ; position = (position + 1) & mask)
        {
            var slot = _slots[position];
            if (slot == 0)
            {
                return -1;
            }

            var index = (int)(slot & mask) - 1;
            if (((slot ^ tag) & ~mask) == 0 && KeyEquality<K>.Same(_entries[index].Key, key))
            {
                return index;
            }
        }
    }

    /// <summary>Forgets all keys and keeps the room, for the next run of keys.</summary>
    public void Clear()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<(K, C)>())
        {
            Array.Clear(_entries, 0, _count);
        }

        Array.Clear(_slots);
        _count = 0;
    }

    /// <summary>
    /// The table's work is done: gives back its arrays, and what was counted. Nobody may hold its entries. It is empty, and may be used
    /// again.
    /// </summary>
    public void Release()
    {
        if (_entries.Length > SmallestCapacity)
        {
            Borrowed.GiveBack(ref _slots);
            Borrowed.GiveBack(ref _entries);
            Borrowed.GiveBack(ref _hashes);
            Begin(SmallestCapacity);
        }
        else
        {
            Clear();
        }

        _count = 0;
        _memory.Set(0);
    }

    /// <summary>The entry that the first slot of a hash names, some other when it is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref (K Key, C Value) EntryAt(ulong hash)
    {
        var slot = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (uint)hash & _mask);
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), Math.Max((int)(slot & _mask), 1) - 1);
    }

    /// <summary>Takes arrays of a size that is a power of two, as those of the pool are.</summary>
    private void Begin(int capacity)
    {
        _slots = Borrowed.Array<uint>(SlotsFor(capacity));
        Array.Clear(_slots);
        _mask = (uint)_slots.Length - 1;
        _entries = Borrowed.Array<(K, C)>(capacity);
        _hashes = Borrowed.Array<ulong>(capacity);
    }

    private static int SlotsFor(int capacity) => capacity <= SparseCapacity ? capacity * 4 : Math.Max(SparseCapacity * 4, capacity * 2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(K key, ulong hash, uint position)
    {
        if (_count == _entries.Length)
        {
            Grow();
            position = FreeSlot(_slots, (uint)hash);
        }

        var index = _count++;
        _slots[position] = ((uint)hash & ~_mask) | (uint)(index + 1);
        _hashes[index] = hash;
        ref var entry = ref _entries[index];
        entry.Key = key;

        // The pool's arrays come as they were, and Clear leaves plain entries so.
        entry.Value = default!;

        return index;
    }

    private void Grow()
    {
        if (_count >= MaxCapacity)
        {
            throw new InvalidOperationException(
                $"A hash table is full at {_count} keys. Use more partitions, so that each has fewer keys.");
        }

        var capacity = _count * 2;
        Borrowed.Grow(ref _entries, _count, capacity);
        Borrowed.Grow(ref _hashes, _count, capacity);
        if (SlotsFor(capacity) != _slots.Length)
        {
            Rehash(capacity);
        }

        if (_memory.Counts)
        {
            var entries = _entries.AsSpan(0, _count);
            _memory.Set(Bytes + Sizes.Estimate<(K, C)>(entries) - ((long)entries.Length * Unsafe.SizeOf<(K, C)>()));
        }
    }

    private void Rehash(int capacity)
    {
        var slots = Borrowed.Array<uint>(SlotsFor(capacity));
        Array.Clear(slots);
        var mask = (uint)slots.Length - 1;
        var hashes = _hashes.AsSpan(0, _count);
        for (var i = 0; i < hashes.Length; i++)
        {
            var tag = (uint)hashes[i];
            slots[FreeSlot(slots, tag)] = (tag & ~mask) | (uint)(i + 1);
        }

        Borrowed.GiveBack(ref _slots);
        _slots = slots;
        _mask = mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FreeSlot(uint[] slots, uint tag)
    {
        var mask = (uint)slots.Length - 1;
        var position = tag & mask;
        while (slots[position & (slots.Length - 1)] != 0)
        {
            position = (position + 1) & mask;
        }

        return position;
    }
}
