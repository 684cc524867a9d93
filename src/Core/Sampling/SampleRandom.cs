using System.Runtime.CompilerServices;
using MicroSpark.Hashing;

namespace MicroSpark.Sampling;

/// <summary>
/// Random numbers that are a function of a seed alone, in every process and version: the same seed on the same partitions gives the
/// same sample. A struct, so that a loop keeps its state in a register.
/// </summary>
internal struct SampleRandom
{
    /// <summary>Above this e^-mean is too near to zero: larger means are drawn in parts.</summary>
    private const double LargestPoissonStep = 500;

    private ulong _state;

    public SampleRandom(long seed, int stream = 0) => _state = HashMix.Combine(HashMix.Mix((ulong)seed), HashMix.Mix((ulong)stream));

    /// <summary>A seed for a program that gave none.</summary>
    public static long AnySeed => Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    /// <summary>From 0 inclusive to 1 exclusive, in steps of 2^-53.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 inclusive to <paramref name="end"/> exclusive.</summary>
    public long NextInt64(long end) => (long)Math.BigMul(NextUInt64(), (ulong)end, out _);

    /// <summary>
    /// How often an element is drawn when it is drawn <paramref name="mean"/> times on average (Knuth's product of uniforms).
    /// </summary>
    public int NextPoisson(double mean)
    {
        var drawn = 0;
        for (; mean > 0; mean -= LargestPoissonStep)
        {
            var limit = Math.Exp(-Math.Min(mean, LargestPoissonStep));
            for (var product = NextDouble(); product > limit; product *= NextDouble())
            {
                drawn++;
            }
        }

        return drawn;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong NextUInt64()
    {
        _state += HashMix.K1;
        return HashMix.Mix(_state);
    }
}
