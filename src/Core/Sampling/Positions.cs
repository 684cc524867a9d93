namespace MicroSpark.Sampling;

/// <summary>Draws an exact number of places from a population whose size is known.</summary>
internal static class Positions
{
    /// <summary>
    /// <paramref name="count"/> places from 0 to <paramref name="population"/> - 1, ascending, every choice as likely as any other. Without
    /// replacement no place comes twice, and all come when the count is not smaller than the population.
    /// </summary>
    public static long[] Draw(long population, int count, bool withReplacement, long seed)
    {
        if (population == 0)
        {
            return [];
        }

        var random = new SampleRandom(seed);
        var drawn = new long[withReplacement ? count : (int)Math.Min(count, population)];
        if (withReplacement)
        {
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[i] = random.NextInt64(population);
            }
        }
        else
        {
            // Floyd: the i-th draw is from a population that is one larger; a place that is taken stands for the new one.
            var taken = new HashSet<long>(drawn.Length);
            for (var i = 0; i < drawn.Length; i++)
            {
                var last = population - drawn.Length + i;
                var place = random.NextInt64(last + 1);
                if (!taken.Add(place))
                {
                    place = last;
                    taken.Add(last);
                }

                drawn[i] = place;
            }
        }

        Array.Sort(drawn);
        return drawn;
    }

    /// <summary>Index of the first place at or after <paramref name="from"/>.</summary>
    public static int FirstFrom(long[] places, long from)
    {
        var (low, high) = (0, places.Length);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            (low, high) = places[middle] < from ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
