using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Keys whose order takes up to 128 bits, as numbers of the set that was seen. A struct, so that loops over keys call nothing.
/// </summary>
internal interface IWide<K>
{
    /// <summary>Whether equal numbers are equal keys, after all keys were seen.</summary>
    bool IsExact { get; }

    /// <summary>Looks at a key.</summary>
    void See(K key);

    /// <summary>
    /// The smallest and the largest number, after all keys were seen; the largest below the smallest when there are none.
    /// </summary>
    (UInt128 Low, UInt128 High) Range();

    UInt128 Of(K key);
}

/// <summary>The distance from the smallest: its upper 64 bits. What these leave is in <see cref="Ranking{K}.Rest"/>.</summary>
internal sealed class WideRanking<K, TWide>(TWide wide) : Ranking<K>
    where TWide : struct, IWide<K>
{
    private TWide _wide = wide;
    private UInt128 _low;
    private int _bits = -1;

    public override int Bits => Math.Min(64, AllBits);

    public override bool IsExact => Dropped == 0 && _wide.IsExact;

    public override Ranking<K>? Rest => Dropped == 0 ? null : new Lower(this);

    private int AllBits => _bits >= 0 ? _bits : Settle();

    private int Dropped => Math.Max(0, AllBits - 64);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Measure(ReadOnlySpan<K> keys)
    {
        foreach (var key in keys)
        {
            _wide.See(key);
        }

        _bits = -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
    {
        var dropped = Dropped;
        var low = _low;
        for (var i = 0; i < keys.Length; i++)
        {
            ranks[i] = (ulong)((_wide.Of(keys[i]) - low) >> dropped);
        }
    }

    private int Settle()
    {
        (_low, var high) = _wide.Range();
        return _bits = high <= _low ? 0 : 128 - (int)UInt128.LeadingZeroCount(high - _low);
    }

    /// <summary>The bits that the upper ones leave.</summary>
    private sealed class Lower(WideRanking<K, TWide> upper) : Ranking<K>
    {
        public override int Bits => upper.Dropped;

        public override bool IsExact => upper._wide.IsExact;

        public override void Measure(ReadOnlySpan<K> keys)
        {
        }

        public override void Rank(ReadOnlySpan<K> keys, Span<ulong> ranks)
        {
            var mask = ulong.MaxValue >> (64 - upper.Dropped);
            for (var i = 0; i < keys.Length; i++)
            {
                ranks[i] = (ulong)(upper._wide.Of(keys[i]) - upper._low) & mask;
            }
        }
    }
}

/// <summary>The smallest and the largest of some numbers.</summary>
internal struct WideSpan()
{
    private UInt128 _low = UInt128.MaxValue;
    private UInt128 _high = UInt128.MinValue;

    public readonly (UInt128 Low, UInt128 High) Range => (_low, _high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(UInt128 number)
    {
        _low = number < _low ? number : _low;
        _high = number > _high ? number : _high;
    }
}

/// <summary>Guids compare as their text does: part by part, each from its highest digit.</summary>
internal struct WideGuid() : IWide<Guid>
{
    private WideSpan _span = new();

    public readonly bool IsExact => true;

    public void See(Guid key) => _span.Add(Of(key));

    public readonly (UInt128 Low, UInt128 High) Range() => _span.Range;

    readonly UInt128 IWide<Guid>.Of(Guid key) => Of(key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Of(Guid key)
    {
        if (BitConverter.IsLittleEndian)
        {
            // An int, two shorts and eight bytes, as they lie.
            ref var first = ref Unsafe.As<Guid, byte>(ref key);
            var upper = ((ulong)Unsafe.ReadUnaligned<uint>(ref first) << 32)
                | ((ulong)Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref first, 4)) << 16)
                | Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref first, 6));
            return new UInt128(upper, BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8))));
        }

        Span<byte> bytes = stackalloc byte[16];
        key.TryWriteBytes(bytes, bigEndian: true, out _);
        return new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}

internal struct WideInt128() : IWide<Int128>
{
    private WideSpan _span = new();

    public readonly bool IsExact => true;

    public void See(Int128 key) => _span.Add(Of(key));

    public readonly (UInt128 Low, UInt128 High) Range() => _span.Range;

    readonly UInt128 IWide<Int128>.Of(Int128 key) => Of(key);

    private static UInt128 Of(Int128 key) => (UInt128)key ^ (UInt128.One << 127);
}

internal struct WideUInt128() : IWide<UInt128>
{
    private WideSpan _span = new();

    public readonly bool IsExact => true;

    public void See(UInt128 key) => _span.Add(key);

    public readonly (UInt128 Low, UInt128 High) Range() => _span.Range;

    public readonly UInt128 Of(UInt128 key) => key;
}
