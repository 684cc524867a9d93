namespace MicroSpark.Samples;

/// <summary>Which pages do the important pages link to?</summary>
public static class PageRank
{
    /// <summary>
    /// Ranks the nodes of a directed graph by the rule that Spark's example made known: a node's rank is 0.15 plus 0.85 times what its
    /// neighbours pass on, each an equal share of its own rank along every link. Repeated links count once; a node without links out
    /// passes nothing on.
    /// </summary>
    /// <param name="path">
    /// Text with one link a line: <c>from to</c>, separated by white space. Lines with commas are read as airline routes (OpenFlights):
    /// from the third field to the fifth.
    /// </param>
    /// <returns>The highest ranks first; equal ones in the nodes' ordinal order.</returns>
    public static Task<(string Node, double Rank)[]> RunAsync(
        MicroSparkContext spark, string path, int iterations = 10, int top = 10, CancellationToken cancellationToken = default)
    {
        // Used in every iteration, so it is read, grouped and placed once, then stays in memory.
        var links = spark.TextFile(path).FlatMap(ParseLink).Distinct().GroupByKey().Cache();
        var ranks = links.MapValues(_ => 1.0);

        for (var i = 0; i < iterations; i++)
        {
            // Both sides are partitioned alike, so the join moves nothing; only the shares travel.
            ranks = links.Join(ranks)
                .FlatMap(node => Share(node.Value.Left, node.Value.Right))
                .ReduceByKey((a, b) => a + b)
                .MapValues(sum => 0.15 + 0.85 * sum);
        }

        return ranks
            .Map(node => (Node: node.Key, Rank: node.Value))
            .TakeOrderedAsync(top, node => (-node.Rank, node.Node), cancellationToken: cancellationToken);
    }

    private static IEnumerable<(string Key, string Value)> ParseLink(string line)
    {
        var route = line.Contains(',');
        var fields = route ? line.Split(',') : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var from = route ? 2 : 0;
        var to = route ? 4 : 1;
        return fields.Length > to ? [(fields[from], fields[to])] : [];
    }

    private static IEnumerable<(string Key, double Value)> Share(IReadOnlyList<string> targets, double rank) =>
        targets.Select(target => (target, rank / targets.Count));
}
