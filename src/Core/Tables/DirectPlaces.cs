using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Memory;

namespace MicroSpark.Tables;

/// <summary>
/// The places of a <see cref="DirectTable{K, C}"/> as a loop holds them, in registers. Valid until the table covers other keys.
/// </summary>
internal readonly ref struct DirectPlaces<K, C>
{
    private readonly long _first;
    private readonly nuint _length;
    private readonly ref C _values;
    private readonly ref ulong _present;

    public DirectPlaces(long first, int length, C[] values, ulong[] present)
    {
        _first = first;
        _length = (nuint)length;
        _values = ref MemoryMarshal.GetArrayDataReference(values);
        _present = ref MemoryMarshal.GetArrayDataReference(present);
    }

    /// <summary>Whether any key is covered.</summary>
    public bool Any => _length > 0;

    /// <summary>A key's place; not <see cref="Covers"/>ed when it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nuint PlaceOf(K key) => (nuint)(ulong)(IntegerKey<K>.ToInt64(key) - _first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Covers(nuint place) => place < _length;

    /// <summary>Asks for a key's place ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(K key)
    {
        var place = PlaceOf(key);
        if (Covers(place))
        {
            Memory.Prefetch.Read(ref ValueAt(place));
        }
    }

    /// <summary>Whether the key of a place that is covered has a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(nuint place) => (Unsafe.Add(ref _present, place >> 6) & (1UL << (int)place)) != 0;

    /// <summary>Says that it has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(nuint place) => Unsafe.Add(ref _present, place >> 6) |= 1UL << (int)place;

    /// <summary>The value of a place that is covered, undefined when the key is new.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref C ValueAt(nuint place) => ref Unsafe.Add(ref _values, place);

    /// <summary>The value of a key, undefined when the key is new; a null reference for a key that is not covered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref C Slot(K key, out bool exists)
    {
        var place = PlaceOf(key);
        if (!Covers(place))
        {
            exists = false;
            return ref Unsafe.NullRef<C>();
        }

        exists = Has(place);
        if (!exists)
        {
            Take(place);
        }

        return ref ValueAt(place);
    }
}
