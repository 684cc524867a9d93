using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>Which groups do the points fall into? Lloyd's algorithm: give each point to the nearest centre, move each centre to the mean of its points.</summary>
public static class KMeans
{
    /// <summary>The centres of <paramref name="k"/> groups, in the order of the points that they began at: the file's first ones.</summary>
    /// <param name="path">Text with one point a line, its coordinates separated by commas, spaces or tabs.</param>
    /// <param name="tolerance">Ends early once no centre moves further than this.</param>
    public static async Task<double[][]> RunAsync(
        MicroSparkContext spark, string path, int k, int iterations = 20, double tolerance = 1e-6, CancellationToken cancellationToken = default)
    {
        // Parsed once; each iteration finds the numbers in memory.
        var points = spark.TextFile(path).Filter(line => line.Length > 0).Map(Parse).Cache();
        var centres = await points.TakeAsync(k, cancellationToken);
        var moved = double.MaxValue;
        for (var i = 0; i < iterations && moved > tolerance; i++)
        {
            // The lambda takes the centres as they are now to wherever the points are.
            var current = centres;
            var means = await points
                .Map(point => (Key: Nearest(current, point), Value: (Sum: point, Count: 1L)))
                .ReduceByKey((a, b) => (Plus(a.Sum, b.Sum), a.Count + b.Count))
                .MapValues(group => group.Sum.Select(x => x / group.Count).ToArray())
                .CollectAsMapAsync(cancellationToken);

            // A centre that no point is nearest to stays where it is.
            centres = [.. current.Select((centre, c) => means.GetValueOrDefault(c, centre))];
            moved = current.Zip(centres, Distance).DefaultIfEmpty().Max();
        }

        await points.UnpersistAsync(cancellationToken);
        return centres;
    }

    private static double[] Parse(string line) =>
        [.. line.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(x => double.Parse(x, CultureInfo.InvariantCulture))];

    private static int Nearest(double[][] centres, double[] point)
    {
        var nearest = 0;
        var least = double.MaxValue;
        for (var c = 0; c < centres.Length; c++)
        {
            var distance = Distance(centres[c], point);
            (nearest, least) = distance < least ? (c, distance) : (nearest, least);
        }

        return nearest;
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    private static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
