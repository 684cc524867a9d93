using System.Globalization;

namespace MicroSpark.Bench;

/// <summary>k-means as Spark's example has it: every point goes to its nearest centre, and each centre to the mean of its points.</summary>
internal static class Clustering
{
    public const int Centres = 10;
    public const int Dimensions = 10;

    public static Rdd<double[]> Points(MicroSparkContext spark, string path) => spark.TextFile(path).Map(Parse).Cache();

    public static double[] Parse(string line)
    {
        var point = new double[Dimensions];
        var dimension = 0;
        foreach (var field in line.AsSpan().Split(','))
        {
            point[dimension++] = double.Parse(line.AsSpan(field), CultureInfo.InvariantCulture);
        }

        return point;
    }

    /// <returns>The new centres and the number of points.</returns>
    public static async Task<(double[][] Centres, long Points)> IterateAsync(Rdd<double[]> points, double[][] centres)
    {
        var sums = await points
            .Map(point => (Key: Nearest(point, centres), Value: (Sum: point, Count: 1L)))
            .ReduceByKey((a, b) => (Add(a.Sum, b.Sum), a.Count + b.Count))
            .CollectAsMapAsync();
        return ([.. centres.Select((centre, i) => sums.TryGetValue(i, out var sum) ? Divide(sum.Sum, sum.Count) : centre)], sums.Values.Sum(sum => sum.Count));
    }

    public static int Nearest(double[] point, double[][] centres)
    {
        var nearest = 0;
        var least = double.MaxValue;
        for (var i = 0; i < centres.Length; i++)
        {
            var centre = centres[i];
            double distance = 0;
            for (var d = 0; d < point.Length; d++)
            {
                var difference = point[d] - centre[d];
                distance += difference * difference;
            }

            if (distance < least)
            {
                (nearest, least) = (i, distance);
            }
        }

        return nearest;
    }

    public static double[] Divide(double[] sum, long count) => Array.ConvertAll(sum, value => value / count);

    private static double[] Add(double[] a, double[] b)
    {
        var sum = new double[a.Length];
        for (var d = 0; d < sum.Length; d++)
        {
            sum[d] = a[d] + b[d];
        }

        return sum;
    }
}
