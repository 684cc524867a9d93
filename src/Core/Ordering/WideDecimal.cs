using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Decimals as whole numbers of one common scale: the largest that comes, or the largest by which no number overflows. Then digits beyond
/// it are cut off, and numbers that differ there alone are compared. 1.0 and 1.00 become the same number, and so do 0 and -0.
/// </summary>
internal struct WideDecimal() : IWide<decimal>
{
    private const int LargestScale = 28;

    /// <summary>Halves of the range stay free: no difference overflows.</summary>
    private static readonly UInt128 s_most = UInt128.One << 126;
    private static readonly Int128[] s_tens = Tens();

    // By scale: the smallest and the largest digits, with their sign.
    private readonly Int128[] _least = Filled(Int128.MaxValue);
    private readonly Int128[] _most = Filled(Int128.MinValue);
    private int _scale;

    public bool IsExact { get; private set; } = true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void See(decimal key)
    {
        var digits = DigitsOf(key, out var scale);
        ref var least = ref _least[scale];
        ref var most = ref _most[scale];
        least = digits < least ? digits : least;
        most = digits > most ? digits : most;
    }

    public (UInt128 Low, UInt128 High) Range()
    {
        var largest = LargestScale;
        while (largest > 0 && !Came(largest))
        {
            largest--;
        }

        _scale = largest;
        while (!Fits())
        {
            _scale--;
        }

        IsExact = _scale == largest;
        var span = new WideSpan();
        for (var scale = 0; scale <= largest; scale++)
        {
            if (Came(scale))
            {
                span.Add(Scaled(_least[scale], scale));
                span.Add(Scaled(_most[scale], scale));
            }
        }

        return span.Range;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly UInt128 Of(decimal key)
    {
        var digits = DigitsOf(key, out var scale);
        return Scaled(digits, scale);
    }

    private readonly bool Came(int scale) => _most[scale] >= _least[scale];

    /// <summary>Whether all numbers fit at the scale; they do at 0.</summary>
    private readonly bool Fits()
    {
        for (var scale = 0; scale < _scale; scale++)
        {
            var room = s_most / (UInt128)s_tens[_scale - scale];
            if (Came(scale) && ((UInt128)Int128.Abs(_least[scale]) > room || (UInt128)Int128.Abs(_most[scale]) > room))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The number at the common scale, moved to above 0. Cutting off is towards 0 for all, so it never turns an order round.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly UInt128 Scaled(Int128 digits, int scale)
    {
        if (scale != _scale)
        {
            digits = scale < _scale ? digits * s_tens[_scale - scale] : digits / s_tens[scale - _scale];
        }

        return (UInt128)digits ^ (UInt128.One << 127);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Int128 DigitsOf(decimal key, out int scale)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(key, parts);
        scale = (parts[3] >> 16) & 0xFF;
        var digits = new Int128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        return parts[3] < 0 ? -digits : digits;
    }

    private static Int128[] Filled(Int128 value)
    {
        var values = new Int128[LargestScale + 1];
        Array.Fill(values, value);
        return values;
    }

    private static Int128[] Tens()
    {
        var tens = new Int128[LargestScale + 1];
        tens[0] = 1;
        for (var i = 1; i < tens.Length; i++)
        {
            tens[i] = tens[i - 1] * 10;
        }

        return tens;
    }
}
