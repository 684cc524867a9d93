using System.Runtime.InteropServices;

namespace MicroSpark.Bench;

/// <summary>Inputs. The same arguments give the same data, on every machine.</summary>
internal static class Data
{
    public static (int Key, long Value)[] Pairs(int count, int keys, int seed)
    {
        var random = new Random(seed);
        var pairs = new (int Key, long Value)[count];
        for (int i = 0; i < count; i++)
        {
            pairs[i] = (random.Next(keys), random.Next(1_000_000));
        }

        return pairs;
    }

    public static long[] Longs(int count, int seed)
    {
        long[] values = new long[count];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
