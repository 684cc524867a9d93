using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>Reading and parsing once, then iterations over points that are cached.</summary>
internal sealed class KMeans : IWorkload
{
    private const int Iterations = 5;

    private readonly TemporaryFolder _folder = new();
    private MicroSparkContext? _spark;

    public string Name => "kmeans";

    public string Description =>
        $"{Iterations} iterations over 1 M points of {Clustering.Dimensions} dimensions, k = {Clustering.Centres}, from a CSV file (which the system has in memory); hand-written: one thread";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1, Contender.HandWritten)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(0.6, Contender.HandWritten)];

    private string Csv => _folder.File("points.csv");

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var start = Data.WritePoints(Csv, contexts.Settings.Count(1_000_000), seed: 6);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () =>
            {
                var points = Clustering.Points(_spark!, Csv);
                var centres = start;
                for (var i = 0; i < Iterations; i++)
                {
                    (centres, _) = await Clustering.IterateAsync(points, centres);
                }

                return Answer(centres);
            })
            {
                Before = async () => _spark = await contexts.RenewAsync(),
            },
            Contender.Of(Contender.HandWritten, () => Answer(Loop(start))),
        ]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private double[][] Loop(double[][] centres)
    {
        var points = new List<double[]>();
        foreach (var line in File.ReadLines(Csv))
        {
            points.Add(Clustering.Parse(line));
        }

        for (var i = 0; i < Iterations; i++)
        {
            double[][] sums = [.. centres.Select(centre => new double[centre.Length])];
            var counts = new long[centres.Length];
            foreach (var point in points)
            {
                var nearest = Clustering.Nearest(point, centres);
                var sum = sums[nearest];
                for (var d = 0; d < sum.Length; d++)
                {
                    sum[d] += point[d];
                }

                counts[nearest]++;
            }

            centres = [.. centres.Select((centre, c) => counts[c] == 0 ? centre : Clustering.Divide(sums[c], counts[c]))];
        }

        return centres;
    }

    // Sums are made in other orders: the last digits differ.
    private static string Answer(double[][] centres) =>
        string.Join(' ', centres.SelectMany(centre => centre).Select(value => value.ToString("F6", CultureInfo.InvariantCulture)));
}
