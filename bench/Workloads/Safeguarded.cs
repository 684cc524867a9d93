using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// What keeps strangers out, beside the cluster's own secret alone: the smallest action on two worker processes, which is all messages, or the reading
/// side of a shuffle between them, which is all data. Both clusters run at once, and one of them works.
/// </summary>
internal sealed class Safeguarded(Safeguard safeguard, bool shuffles) : IWorkload
{
    private const string Bare = "secret alone";
    private const int Workers = 2;

    private readonly List<IAsyncDisposable> _open = [];

    public string Name => $"{safeguard.ToString().ToLowerInvariant()}-{(shuffles ? "shuffle2" : "count8")}";

    public string Description =>
        $"{(shuffles ? "the reading side of a shuffle of 32 M (int, long), 256 MB of which cross," : "CountAsync of 8 small partitions, warm,")} on two worker "
            + $"processes with a slot each, {(safeguard == Safeguard.Tls ? "in TLS with certificates of each peer" : "from a client that may submit jobs and no more")}";

    public IReadOnlyList<Bound> AtLeast => [];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1.3, Bare)];

    public int CallsPerRun => shuffles ? 1 : 50;

    public int WarmUps => shuffles ? 60 : 3;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts) =>
    [
        await ContenderAsync(Contender.Ours, safeguard, contexts.Settings),
        await ContenderAsync(Bare, Safeguard.Secret, contexts.Settings),
    ];

    public async ValueTask DisposeAsync()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            await _open[i].DisposeAsync();
        }
    }

    private async Task<Contender> ContenderAsync(string name, Safeguard guard, Settings settings)
    {
        var silos = await SiloProcesses.StartAsync(Workers, slots: 1, guard);
        _open.Add(silos);
        var spark = await silos.ConnectAsync();
        _open.Add(spark);
        if (!shuffles)
        {
            var numbers = spark.Parallelize(Enumerable.Range(0, 800), partitions: 8);
            return new Contender(name, async () => (await numbers.CountAsync()).ToString(CultureInfo.InvariantCulture));
        }

        var pairs = spark.Range(0, settings.Count(32 << 20), partitions: 2 * Workers).Map(i => ((int)i, i))
            .PartitionBy(new HashPartitioner<int>(2 * Workers));
        await pairs.CountAsync();
        return new Contender(name, async () => (await pairs.CountAsync()).ToString(CultureInfo.InvariantCulture))
        {
            CompilingElsewhere = () => SiloProcesses.CompilingAsync(spark, Workers),
        };
    }
}
