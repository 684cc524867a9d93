using System.Numerics;

namespace MicroSpark.Statistics;

/// <summary>
/// Estimates how many different hashes were added. A few hashes are kept themselves, and the answer is their number. After that there are
/// 2^precision registers. Each holds the longest run of zeros among the hashes that fall to it. The estimator is Ertl's (2017): unbiased
/// over the whole range without tables.
/// </summary>
internal sealed class HyperLogLog(int precision)
{
    private const int SmallestPrecision = 4;
    private const int LargestPrecision = 24;

    private readonly int _precision = precision;
    private HashSet<ulong>? _hashes = [];
    private byte[]? _registers;

    /// <summary>The precision for a relative standard deviation of the estimate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The deviation is not above 0, or so small that a sketch takes more than 16
    /// MB.</exception>
    public static int PrecisionFor(double relativeStandardDeviation)
    {
        var precision = Math.Ceiling(2 * Math.Log2(1.054 / relativeStandardDeviation));
        return precision <= LargestPrecision && relativeStandardDeviation > 0
            ? Math.Max(SmallestPrecision, (int)precision)
            : throw new ArgumentOutOfRangeException(
                nameof(relativeStandardDeviation), relativeStandardDeviation,
                $"The relative standard deviation must be {1.054 / (1 << (LargestPrecision / 2)):0.000000} or more: half of it takes "
                + $"four times the memory.");
    }

    public HyperLogLog Add(ulong hash)
    {
        if (_hashes is not null)
        {
            _hashes.Add(hash);
            if (_hashes.Count > (1 << _precision) / 16)
            {
                ToRegisters();
            }
        }
        else
        {
            AddToRegisters(hash);
        }

        return this;
    }

    public HyperLogLog Merge(HyperLogLog other)
    {
        if (other._hashes is not null)
        {
            foreach (var hash in other._hashes)
            {
                Add(hash);
            }

            return this;
        }

        if (_hashes is not null)
        {
            ToRegisters();
        }

        for (var i = 0; i < _registers!.Length; i++)
        {
            _registers[i] = Math.Max(_registers[i], other._registers![i]);
        }

        return this;
    }

    public long Estimate()
    {
        if (_hashes is not null)
        {
            return _hashes.Count;
        }

        var longest = 64 - _precision;
        var registersWith = new int[longest + 2];
        foreach (var register in _registers!)
        {
            registersWith[register]++;
        }

        double m = _registers.Length;
        var z = m * Tau(1 - (registersWith[longest + 1] / m));
        for (var k = longest; k >= 1; k--)
        {
            z = 0.5 * (z + registersWith[k]);
        }

        z += m * Sigma(registersWith[0] / m);
        return (long)Math.Round(m * m / (2 * Math.Log(2) * z));
    }

    private void ToRegisters()
    {
        var hashes = _hashes!;
        _hashes = null;
        _registers = new byte[1 << _precision];
        foreach (var hash in hashes)
        {
            AddToRegisters(hash);
        }
    }

    private void AddToRegisters(ulong hash)
    {
        var register = (int)(hash >> (64 - _precision));
        var rest = hash << _precision;
        var rank = (byte)(Math.Min(BitOperations.LeadingZeroCount(rest), 64 - _precision) + 1);
        if (rank > _registers![register])
        {
            _registers[register] = rank;
        }
    }

    /// <summary>Corrects for registers that nothing fell to.</summary>
    private static double Sigma(double x)
    {
        if (x == 1)
        {
            return double.PositiveInfinity;
        }

        var (y, z, before) = (1.0, x, double.NaN);
        while (z != before)
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }

        return z;
    }

    /// <summary>Corrects for registers that are full.</summary>
    private static double Tau(double x)
    {
        if (x is 0 or 1)
        {
            return 0;
        }

        var (y, z, before) = (1.0, 1 - x, double.NaN);
        while (z != before)
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }

        return z / 3;
    }
}
