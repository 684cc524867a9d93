using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>What caching is for: an iteration over cached points beside the one that reads and parses them.</summary>
internal sealed class KMeansIteration : IWorkload
{
    private const string First = "first iteration";

    private readonly TemporaryFolder _folder = new();
    private MicroSparkContext? _cached;
    private MicroSparkContext? _spark;

    public string Name => "kmeans-iteration";

    public string Description =>
        $"one iteration of k-means over 1 M points of {Clustering.Dimensions} dimensions: cached points beside the first iteration, which reads the CSV file and caches";

    public IReadOnlyList<Bound> AtLeast => [];

    public IReadOnlyList<Bound> Goal => [Bound.Times(0.1, First)];

    private string Csv => _folder.File("points.csv");

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var start = Data.WritePoints(Csv, contexts.Settings.Count(1_000_000), seed: 6);
        _cached = await contexts.StartAsync();
        var points = Clustering.Points(_cached, Csv);
        var centres = start;
        return
        [
            // It goes on from its centres, as the algorithm does: the same ones would be the same recipe, found done.
            new Contender(Contender.Ours, async () =>
            {
                (centres, var count) = await Clustering.IterateAsync(points, centres);
                return Text(count);
            }),
            new Contender(First, async () => Text((await Clustering.IterateAsync(Clustering.Points(_spark!, Csv), start)).Points))
            {
                Before = async () => _spark = await contexts.RenewAsync(),
            },
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_cached is not null)
        {
            await _cached.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
