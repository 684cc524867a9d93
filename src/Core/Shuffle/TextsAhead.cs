using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// <see cref="TextWaiting{K, V}"/> where the pairs that come are at hand, as elements of a run: none needs to wait, and values and
/// functions are of no concern. The hashes of the next pairs are known ahead.
/// </summary>
internal sealed class TextsAhead
{
    private const int Step = Prefetch.Distance;

    /// <summary>More than pairs are hashed ahead; a power of 2.</summary>
    private const int Known = 4 * Step;

    private readonly ulong[] _hashes = new ulong[Known];

    /// <summary>The hash of a key; called for one after the other, from the first of the run.</summary>
    /// <param name="looksUp">Whether pairs will be looked up in the table.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf<K, V, C>(ReadOnlySpan<(K Key, V Value)> run, int at, CombineTable<K, C> table, bool looksUp)
    {
        if (at == 0)
        {
            Begin(run);
        }

        ref var pairs = ref MemoryMarshal.GetReference(run);
        ref var hashes = ref MemoryMarshal.GetArrayDataReference(_hashes);
        if (at + (3 * Step) < run.Length)
        {
            Prefetch.Object(ref Unsafe.As<K, object?>(ref Unsafe.Add(ref pairs, at + (3 * Step)).Key));
        }

        if (at + (2 * Step) < run.Length)
        {
            var own = StableHash<K>.Of(Unsafe.Add(ref pairs, at + (2 * Step)).Key);
            Unsafe.Add(ref hashes, (at + (2 * Step)) & (Known - 1)) = own;
            if (looksUp)
            {
                table.PrefetchSlot(own);
            }
        }

        if (looksUp)
        {
            // Behind the run's end any hash is as good to ask by.
            table.PrefetchEntry(Unsafe.Add(ref hashes, (at + Step) & (Known - 1)));
            table.PrefetchKey(Unsafe.Add(ref hashes, (at + (Step / 2)) & (Known - 1)));
        }

        return Unsafe.Add(ref hashes, at & (Known - 1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Begin<K, V>(ReadOnlySpan<(K Key, V Value)> run)
    {
        for (var i = 0; i < Math.Min(2 * Step, run.Length); i++)
        {
            _hashes[i] = StableHash<K>.Of(run[i].Key);
        }
    }
}
