using System.Runtime.CompilerServices;

namespace MicroSpark.Statistics;

/// <summary>
/// What one pass keeps of numbers. Squares are of distances from the running mean, so a large common offset cancels out before it is
/// squared.
/// </summary>
internal struct Moments
{
    public long Count;
    public double Mean;
    public double SquaredDistances;
    public double Sum;
    public double Max;
    public double Min;

    public static Moments None => new() { Max = double.NegativeInfinity, Min = double.PositiveInfinity };

    /// <summary>Takes one number (Welford).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double number)
    {
        Count++;
        var distance = number - Mean;
        Mean += distance / Count;
        SquaredDistances += distance * (number - Mean);
        Sum += number;
        Max = Math.Max(Max, number);
        Min = Math.Min(Min, number);
    }

    /// <summary>Takes what another pass kept of other numbers (Chan).</summary>
    public void Merge(in Moments other)
    {
        if (other.Count == 0)
        {
            return;
        }

        var distance = other.Mean - Mean;
        var total = Count + other.Count;
        SquaredDistances += other.SquaredDistances + (distance * distance * ((double)Count * other.Count / total));
        Mean = Count == 0 ? other.Mean : Mean + (distance * ((double)other.Count / total));
        Count = total;
        Sum += other.Sum;
        Max = Math.Max(Max, other.Max);
        Min = Math.Min(Min, other.Min);
    }
}
