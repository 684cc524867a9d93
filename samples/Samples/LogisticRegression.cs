using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>Which side of a plane is a point on? Learns the plane from labelled points, by the gradient of the logistic loss over all of them.</summary>
public static class LogisticRegression
{
    /// <summary>A labelled point.</summary>
    /// <param name="Label">1 or -1.</param>
    /// <param name="Features">The point's coordinates; a leading 1 that is added on reading stands for the plane's offset.</param>
    public sealed record Example(double Label, double[] Features);

    /// <summary>The plane's weights, the offset first. A point belongs to label 1 where weights times features is above 0.</summary>
    /// <param name="path">Text with one point a line: the label (1, and 0 or -1), then its coordinates, separated by commas or spaces.</param>
    public static async Task<double[]> RunAsync(
        MicroSparkContext spark, string path, int iterations = 100, double rate = 1.0, CancellationToken cancellationToken = default)
    {
        var examples = spark.TextFile(path).Filter(line => line.Length > 0).Map(Parse).Cache();
        var count = await examples.CountAsync(cancellationToken);
        var weights = new double[(await examples.FirstAsync(cancellationToken)).Features.Length];
        for (var i = 0; i < iterations; i++)
        {
            var current = weights;
            var gradient = await examples
                .Map(example => Gradient(current, example))
                .TreeReduceAsync((a, b) => [.. a.Zip(b, (x, y) => x + y)], cancellationToken: cancellationToken);
            weights = [.. current.Zip(gradient, (w, g) => w - (rate * g / count))];
        }

        await examples.UnpersistAsync(cancellationToken);
        return weights;
    }

    /// <summary>The label that the plane gives a point.</summary>
    public static double Predict(double[] weights, double[] features) => Dot(weights, features) > 0 ? 1 : -1;

    private static Example Parse(string line)
    {
        var numbers = line.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(x => double.Parse(x, CultureInfo.InvariantCulture)).ToArray();
        return new Example(numbers[0] > 0 ? 1 : -1, [1, .. numbers[1..]]);
    }

    private static double[] Gradient(double[] weights, Example example)
    {
        var scale = ((1 / (1 + Math.Exp(-example.Label * Dot(weights, example.Features)))) - 1) * example.Label;
        return [.. example.Features.Select(x => x * scale)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
