using MicroSpark.Statistics;

namespace MicroSpark;

/// <summary>
/// Count, moments and extremes of numbers, computed in one pass that stays exact for large offsets (Welford), and merged across
/// partitions (Chan).
/// </summary>
public sealed record Stats
{
    internal Stats(in Moments moments)
    {
        Count = moments.Count;
        Mean = moments.Mean;
        Sum = moments.Sum;
        Variance = moments.Count == 0 ? double.NaN : moments.SquaredDistances / moments.Count;
        SampleVariance = moments.Count <= 1 ? double.NaN : moments.SquaredDistances / (moments.Count - 1);
        Max = moments.Max;
        Min = moments.Min;
    }

    /// <summary>How many numbers.</summary>
    public long Count { get; }

    /// <summary>Their average; 0 for none.</summary>
    public double Mean { get; }

    /// <summary>Their sum; 0 for none.</summary>
    public double Sum { get; }

    /// <summary>The mean squared distance from the mean, over all of them (divided by the count); NaN for none.</summary>
    public double Variance { get; }

    /// <summary>
    /// The variance that a sample suggests for what it was drawn from (divided by the count minus 1); NaN for less than two.
    /// </summary>
    public double SampleVariance { get; }

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    public double Stdev => Math.Sqrt(Variance);

    /// <summary>The square root of <see cref="SampleVariance"/>.</summary>
    public double SampleStdev => Math.Sqrt(SampleVariance);

    /// <summary>The largest; negative infinity for none, NaN when a NaN is among them.</summary>
    public double Max { get; }

    /// <summary>The smallest; positive infinity for none, NaN when a NaN is among them.</summary>
    public double Min { get; }
}
