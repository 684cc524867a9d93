namespace MicroSpark.Grains.Figures;

/// <summary>Where a quarter, a half and three quarters of some numbers lie.</summary>
internal static class Quartiles
{
    /// <summary>
    /// Minimum, 25 %, 50 %, 75 % and maximum: each is one of the numbers, the first that at least so many are not above (nearest rank).
    /// Sorts the numbers in place; none of them give nothing.
    /// </summary>
    public static long[] Of(Span<long> numbers)
    {
        if (numbers.IsEmpty)
        {
            return [];
        }

        numbers.Sort();
        var quartiles = new long[5];
        for (var i = 0; i < quartiles.Length; i++)
        {
            quartiles[i] = numbers[(int)Math.Max(0, (((numbers.Length * 25L * i) + 99) / 100) - 1)];
        }

        return quartiles;
    }
}
