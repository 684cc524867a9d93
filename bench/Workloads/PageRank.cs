using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// An algorithm of many small rounds: what each costs besides its arithmetic. The hand-written loop reads lines and parses them with the program's own
/// function, as that of k-means does; a second one reads the file's bytes, and shows what lines and their parsing cost.
/// </summary>
internal sealed class PageRank : IWorkload
{
    private const string OverBytes = "hand-written over bytes";
    private const int Iterations = 10;
    private const int Top = 10;

    private readonly TemporaryFolder _folder = new();
    private MicroSparkContext? _spark;

    public string Name => "pagerank";

    public string Description =>
        $"{Iterations} iterations over 200 k nodes and 2 M links, from a text file (which the system has in memory); hand-written: one thread";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(2, Contender.HandWritten)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1, Contender.HandWritten)];

    private string Links => _folder.File("links.txt");

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var nodes = contexts.Settings.Count(200_000);
        Data.WriteLinks(Links, nodes, links: contexts.Settings.Count(2_000_000), seed: 5);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () => Answer(await RankAsync(_spark!)))
            {
                Before = async () => _spark = await contexts.RenewAsync(),
            },
            Contender.Of(Contender.HandWritten, () => Answer(Loop(nodes, ReadLines()))),
            Contender.Of(OverBytes, () => Answer(Loop(nodes, ReadBytes()))),
        ]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<(int Node, double Rank)[]> RankAsync(MicroSparkContext spark)
    {
        var links = spark.TextFile(Links).Map(Link).GroupByKey().Cache();
        var ranks = links.MapValues(_ => 1.0);
        for (var i = 0; i < Iterations; i++)
        {
            ranks = links.Join(ranks)
                .FlatMap(node => Shares(node.Value.Left, node.Value.Right))
                .ReduceByKey((a, b) => a + b)
                .MapValues(sum => 0.15 + 0.85 * sum);
        }

        return ranks.Map(node => (Node: node.Key, Rank: node.Value)).TakeOrderedAsync(Top, node => (-node.Rank, node.Node));
    }

    private static (int Key, int Value) Link(string line)
    {
        var blank = line.IndexOf(' ');
        return (int.Parse(line.AsSpan(0, blank)), int.Parse(line.AsSpan(blank + 1)));
    }

    private static IEnumerable<(int Key, double Value)> Shares(IReadOnlyList<int> targets, double rank)
    {
        var share = rank / targets.Count;
        return targets.Select(target => (target, share));
    }

    private List<(int From, int To)> ReadLines()
    {
        var links = new List<(int From, int To)>();
        foreach (var line in File.ReadLines(Links))
        {
            links.Add(Link(line));
        }

        return links;
    }

    private List<(int From, int To)> ReadBytes()
    {
        var text = File.ReadAllBytes(Links);
        var links = new List<(int From, int To)>(text.Length / 14);
        for (ReadOnlySpan<byte> rest = text; rest.Length > 0; rest = rest[1..])
        {
            Utf8Parser.TryParse(rest, out int from, out var digits);
            rest = rest[(digits + 1)..];
            Utf8Parser.TryParse(rest, out int to, out digits);
            rest = rest[digits..];
            links.Add((from, to));
        }

        return links;
    }

    // An array of targets in the order of their sources, then one pass over it for each iteration.
    private static IEnumerable<(int Node, double Rank)> Loop(int nodes, List<(int From, int To)> links)
    {
        var first = new int[nodes + 1];
        foreach ((var from, _) in CollectionsMarshal.AsSpan(links))
        {
            first[from + 1]++;
        }

        for (var node = 0; node < nodes; node++)
        {
            first[node + 1] += first[node];
        }

        var targets = new int[links.Count];
        var next = first[..nodes];
        foreach ((var from, var to) in CollectionsMarshal.AsSpan(links))
        {
            targets[next[from]++] = to;
        }

        var ranks = new double[nodes];
        ranks.AsSpan().Fill(1);
        for (var i = 0; i < Iterations; i++)
        {
            var sums = new double[nodes];
            for (var node = 0; node < nodes; node++)
            {
                var share = ranks[node] / (first[node + 1] - first[node]);
                foreach (var target in targets.AsSpan(first[node], first[node + 1] - first[node]))
                {
                    sums[target] += share;
                }
            }

            // Whom nobody passes anything has no rank, by the rule that Spark's example made known.
            for (var node = 0; node < nodes; node++)
            {
                ranks[node] = sums[node] == 0 ? 0 : 0.15 + 0.85 * sums[node];
            }
        }

        return ranks.Select((rank, node) => (Node: node, Rank: rank)).OrderByDescending(entry => entry.Rank).ThenBy(entry => entry.Node).Take(Top);
    }

    // Sums are made in other orders: the last digits differ.
    private static string Answer(IEnumerable<(int Node, double Rank)> ranks) =>
        string.Join(' ', ranks.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Node}:{entry.Rank:F6}")));
}
