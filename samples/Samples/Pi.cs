using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>Estimates pi: of the points thrown at a square, the share that hits the circle inside it is pi / 4.</summary>
public static class Pi
{
    /// <summary>Arguments: how many points, 10 million when left out.</summary>
    public static async Task RunAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken = default)
    {
        var points = 10_000_000L;
        if (arguments.Count > 1 || (arguments.Count == 1 && (!long.TryParse(arguments[0], CultureInfo.InvariantCulture, out points) || points < 1)))
        {
            throw new SampleUsageException($"pi takes the number of points, 1 or more, not '{string.Join(' ', arguments)}'.");
        }

        var hits = await spark.Range(points).Filter(IsHit).CountAsync(cancellationToken);
        output.WriteLine($"pi is about {(4.0 * hits / points).ToString("F4", CultureInfo.InvariantCulture)}");
    }

    /// <summary>The index-th point of a sequence that fills the square evenly (steps of irrational length), the same in every run.</summary>
    private static bool IsHit(long index)
    {
        const double StepX = 0.7548776662466927;
        const double StepY = 0.5698402909980532;
        var x = (index * StepX % 1 * 2) - 1;
        var y = (index * StepY % 1 * 2) - 1;
        return (x * x) + (y * y) <= 1;
    }
}
