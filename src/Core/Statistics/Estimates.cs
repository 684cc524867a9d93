namespace MicroSpark.Statistics;

/// <summary>
/// Extends the results of some partitions to all of them, by the normal approximation. It assumes that partitions are alike, and that the
/// finished ones are a random choice.
/// </summary>
internal static class Estimates
{
    /// <summary>A number that is known.</summary>
    public static BoundedDouble Exact(double value) => new(value, 1, value, value);

    /// <summary>Nothing is known of a number but that it is not negative.</summary>
    public static BoundedDouble UnknownCount { get; } = new(0, 0, 0, double.PositiveInfinity);

    private static BoundedDouble Unknown { get; } = new(0, 0, double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The total of a count of which a share of the partitions has <paramref name="counted"/>.</summary>
    public static BoundedDouble Count(long counted, double share, double confidence)
    {
        if (share >= 1)
        {
            return Exact(counted);
        }

        if (share == 0 || counted == 0)
        {
            return UnknownCount;
        }

        var mean = counted / share;
        var margin = Margin(CountVariance(counted, share), confidence);
        return new BoundedDouble(mean, confidence, Math.Max(counted, mean - margin), mean + margin);
    }

    /// <summary>The average of numbers of which <paramref name="seen"/> are known.</summary>
    public static BoundedDouble Mean(in Moments seen, double share, double confidence)
    {
        if (share >= 1)
        {
            return Exact(seen.Mean);
        }

        if (seen.Count < 2)
        {
            return Unknown;
        }

        var margin = Margin(MeanVariance(seen), confidence);
        return new BoundedDouble(seen.Mean, confidence, seen.Mean - margin, seen.Mean + margin);
    }

    /// <summary>
    /// The sum of numbers of which <paramref name="seen"/> are known: the product of the estimates of their count and their average.
    /// </summary>
    public static BoundedDouble Sum(in Moments seen, double share, double confidence)
    {
        if (share >= 1)
        {
            return Exact(seen.Sum);
        }

        if (seen.Count < 2)
        {
            return Unknown;
        }

        var count = seen.Count / share;
        var (countVariance, meanVariance) = (CountVariance(seen.Count, share), MeanVariance(seen));
        var variance = (seen.Mean * seen.Mean * countVariance) + (count * count * meanVariance) + (countVariance * meanVariance);
        var margin = Margin(variance, confidence);
        return new BoundedDouble(count * seen.Mean, confidence, (count * seen.Mean) - margin, (count * seen.Mean) + margin);
    }

    private static double CountVariance(long counted, double share) => (counted + 1) * (1 - share) / (share * share);

    private static double MeanVariance(in Moments seen) => seen.SquaredDistances / (seen.Count - 1) / seen.Count;

    private static double Margin(double variance, double confidence) =>
        variance == 0 ? 0 : Quantile((1 + confidence) / 2) * Math.Sqrt(variance);

    /// <summary>
    /// Where the standard normal distribution reaches <paramref name="probability"/>, from a half to 1 (Abramowitz and Stegun 26.2.23; the
    /// error is below 0.00045).
    /// </summary>
    private static double Quantile(double probability)
    {
        if (probability >= 1)
        {
            return double.PositiveInfinity;
        }

        var t = Math.Sqrt(-2 * Math.Log(1 - probability));
        return Math.Max(
            0, t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))));
    }
}
