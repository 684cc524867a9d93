using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Tables;

/// <summary>
/// Combined values of whole-number keys that lie close together, as identifiers do: the key is the place. No hash, no probe, no key to
/// compare; a pair costs what <c>sums[key] += value</c> costs. (A direct-address table; databases call it a perfect hash aggregate.) It is
/// empty until <see cref="TryTake"/> finds that keys are dense.
/// </summary>
/// <remarks>
/// It yields its entries in the order of the keys. Which keys it covers is a function of the keys that came, so the order of all that is
/// yielded is a function of the input alone.
/// </remarks>
/// <param name="memory">Counts it; null when nobody does.</param>
internal sealed class DirectTable<K, C>(TaskMemory? memory = null)
{
    /// <summary>Bytes of values that it may take: more would not be in any cache.</summary>
    private const int MostBytes = 32 << 20;

    /// <summary>It pays when at least one of so many places is taken by the keys that are known so far: many more are to come.</summary>
    private const ulong PlacesPerKey = 128;

    /// <summary>Room on both sides, as a part of the keys' span, for keys that are still to come.</summary>
    private const int RoomShare = 8;

    /// <summary>Bytes of values that a core's own cache does not hold beside all else.</summary>
    private const int LargeBytes = 256 << 10;

    private static readonly ulong s_mostPlaces = (ulong)(MostBytes / Unsafe.SizeOf<C>());

    private TableMemory _memory = new(memory);
    private long _first;
    private int _length;

    // Of the shared pool, which wants them back.
    private C[] _values = [];
    private ulong[] _present = [];

    /// <summary>Whether a place is likely out of the core's cache, so that <see cref="Prefetch"/> pays.</summary>
    public bool IsLarge { get; private set; }

    /// <summary>Keys that are here.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _present)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>The places of the keys that are covered now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DirectPlaces<K, C> Places() => new(_first, _length, _values, _present);

    /// <inheritdoc cref="DirectPlaces{K, C}.Slot"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref C Slot(K key, out bool exists) => ref Places().Slot(key, out exists);

    /// <inheritdoc cref="DirectPlaces{K, C}.Prefetch"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(K key) => Places().Prefetch(key);

    /// <summary>Covers the keys of a table and takes its entries, if all of them and its own are dense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake(CombineTable<K, C> table)
    {
        var entries = table.Entries;
        var (least, greatest) = _length > 0 ? (_first, _first + _length - 1) : (long.MaxValue, long.MinValue);
        IntegerKey<K>.Widen(entries, ref least, ref greatest);
        var span = unchecked((ulong)(greatest - least)) + 1;
        if (span - 1 >= Math.Min(s_mostPlaces, (ulong)(Count + entries.Length) * PlacesPerKey))
        {
            return false;
        }

        // Keys that come in order go past the end again and again: room that doubles has them go past it seldom.
        var more = Math.Max((long)Math.Min(span, s_mostPlaces - span), (long)span / RoomShare);
        var (below, above) = _length == 0 ? ((long)span / RoomShare, (long)span / RoomShare)
            : (least < _first ? more : 0, greatest >= _first + _length ? more : 0);
        Cover(least, greatest, below, above);
        foreach (ref readonly var entry in entries)
        {
            Slot(entry.Key, out _) = entry.Value;
        }

        return true;
    }

    /// <summary>The entries in the order of their keys. The table may not be changed meanwhile, and is empty at the end.</summary>
    public DirectReader Drain() => new(this);

    /// <param name="below">Places to add below the least.</param>
    /// <param name="above">Those to add above the greatest.</param>
    private void Cover(long least, long greatest, long below, long above)
    {
        // Words of the bit map keep their places when all begins at a multiple of 64.
        var first = (Math.Max(least, long.MinValue + below) - below) & ~63L;
        var last = Math.Min(greatest, long.MaxValue - above) + above;
        var length = (int)(last - first) + 1;
        var values = Borrowed.Array<C>(length);
        var present = Borrowed.Array<ulong>((length + 63) / 64);
        Array.Clear(present);
        if (_length > 0)
        {
            var shift = (int)(_first - first);
            _values.AsSpan(0, _length).CopyTo(values.AsSpan(shift));
            _present.AsSpan(0, (_length + 63) / 64).CopyTo(present.AsSpan(shift / 64));
            GiveBack();
        }

        (_first, _length, _values, _present) = (first, length, values, present);
        _memory.Set((long)length * Unsafe.SizeOf<C>());
        IsLarge = (long)length * Unsafe.SizeOf<C>() > LargeBytes;
    }

    private void GiveBack()
    {
        if (_length > 0)
        {
            Borrowed.GiveBack(ref _values);
            Borrowed.GiveBack(ref _present);
            _length = 0;
            _memory.Set(0);
        }
    }

    /// <summary>Reads the entries in runs.</summary>
    internal sealed class DirectReader(DirectTable<K, C> table) : ChunkReader<(K Key, C Value)>
    {
        private const int RunLength = 1024;

        private readonly (K Key, C Value)[] _run = new (K, C)[RunLength];
        private int _word;
        private ulong _left = table._present.Length > 0 ? table._present[0] : 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override bool Next(int limit, out ReadOnlySpan<(K Key, C Value)> run)
        {
            var length = Math.Min(limit, RunLength);
            var count = 0;
            var present = table._present;
            while (count < length)
            {
                if (_left == 0)
                {
                    if (_word + 1 >= present.Length)
                    {
                        break;
                    }

                    _left = present[++_word];
                    continue;
                }

                var place = (_word * 64) + BitOperations.TrailingZeroCount(_left);
                _left &= _left - 1;
                _run[count++] = (IntegerKey<K>.FromInt64(table._first + place), table._values[place]);
            }

            run = _run.AsSpan(0, count);
            return count > 0;
        }

        public override void Dispose() => table.GiveBack();
    }
}
