using System.Globalization;
using System.Runtime.InteropServices;

namespace MicroSpark.Bench;

/// <summary>Inputs. The same arguments give the same data, on every machine.</summary>
internal static class Data
{
    public static (int Key, long Value)[] Pairs(int count, int keys, int seed)
    {
        var random = new Random(seed);
        var pairs = new (int Key, long Value)[count];
        for (var i = 0; i < count; i++)
        {
            pairs[i] = (random.Next(keys), random.Next(1_000_000));
        }

        return pairs;
    }

    public static long[] Longs(int count, int seed)
    {
        var values = new long[count];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>A graph as lines of <c>from to</c> in no order. Every node links to some other; low numbers are linked to more often.</summary>
    public static void WriteLinks(string path, int nodes, int links, int seed)
    {
        var random = new Random(seed);
        using var text = new StreamWriter(path);
        for (var i = 0; i < links; i++)
        {
            var from = i < nodes ? i : random.Next(nodes);
            var to = (int)(nodes * Math.Pow(random.NextDouble(), 2));
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{from} {to}\n"));
        }
    }

    /// <summary>Points around a few places, a line of numbers each.</summary>
    /// <returns>The first points, as centres to start from.</returns>
    public static double[][] WritePoints(string path, int count, int seed)
    {
        var random = new Random(seed);
        double[][] places = [.. Enumerable.Range(0, Clustering.Centres).Select(_ => Point(_ => random.NextDouble() * 100))];
        using var text = new StreamWriter(path);
        var first = new List<double[]>();
        for (var i = 0; i < count; i++)
        {
            var place = places[random.Next(places.Length)];
            var line = string.Join(',', Point(d => place[d] + random.NextDouble() * 40).Select(value => value.ToString("F6", CultureInfo.InvariantCulture)));
            text.Write(line + "\n");
            if (first.Count < Clustering.Centres)
            {
                first.Add(Clustering.Parse(line));
            }
        }

        return [.. first];
    }

    private static double[] Point(Func<int, double> value) => [.. Enumerable.Range(0, Clustering.Dimensions).Select(value)];
}
