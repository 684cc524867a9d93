using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Pairs whose keys are strings, waiting to be combined. What a key leads to lies in four places, each known from the one before: its own
/// characters, a slot by their hash, an entry by the slot, the characters of the entry's key. None of them is likely in the cache. So a
/// pair passes four stations, and at each of them the next place is asked for while other pairs have their turn:
/// <code>
/// comes ─ its key ─> 8 later ─ hash, slot ─> 16 later ─ entry ─> 24 later ─ entry's key ─> 32 later: combined
/// </code>
/// </summary>
internal sealed class TextWaiting<K, V>
{
    /// <summary>Pairs that wait: four stations of as many as pass during a cache miss. A power of 2.</summary>
    private const int Waiting = 4 * Step;

    private const int Step = Prefetch.Distance;

    private readonly (K Key, V Value)[] _pairs = new (K, V)[Waiting];

    // Hashes of the pairs at the same places, known from the first station on.
    private readonly ulong[] _hashes = new ulong[Waiting];
    private long _came;

    /// <summary>Pairs that wait now, the first to come first.</summary>
    public IEnumerable<(K Key, V Value)> Rest
    {
        get
        {
            for (var i = Math.Max(0, _came - Waiting); i < _came; i++)
            {
                yield return _pairs[(int)(i & (Waiting - 1))];
            }
        }
    }

    /// <summary>Takes a pair to wait, and gives the one that came first with its hash. False when there is none yet.</summary>
    /// <param name="looksUp">Whether pairs will be looked up in the table.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Exchange<C>(ref (K Key, V Value) pair, CombineTable<K, C> table, bool looksUp, out ulong hash)
    {
        // Places are masked. Those that nobody came to yet hold null keys, whose hash is as good as any to ask by.
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(_pairs);
        ref var hashes = ref MemoryMarshal.GetArrayDataReference(_hashes);
        var begun = _came++ >= Waiting;
        var came = unchecked((int)(_came - 1));
        ref var place = ref Unsafe.Add(ref pairs, came & (Waiting - 1));
        var first = place;
        hash = Unsafe.Add(ref hashes, came & (Waiting - 1));
        place = pair;
        pair = first;
        Prefetch.Object(ref Unsafe.As<K, object?>(ref place.Key));

        var hashed = (came - Step) & (Waiting - 1);
        var own = StableHash<K>.Of(Unsafe.Add(ref pairs, hashed).Key);
        Unsafe.Add(ref hashes, hashed) = own;
        if (looksUp)
        {
            table.PrefetchSlot(own);
            table.PrefetchEntry(Unsafe.Add(ref hashes, (came - (2 * Step)) & (Waiting - 1)));
            table.PrefetchKey(Unsafe.Add(ref hashes, (came - (3 * Step)) & (Waiting - 1)));
        }

        return begun;
    }

    /// <summary>Nobody waits any more.</summary>
    public void Clear()
    {
        Array.Clear(_pairs);
        _came = 0;
    }
}
