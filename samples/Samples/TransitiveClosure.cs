namespace MicroSpark.Samples;

/// <summary>Where does each node of a directed graph lead to, in any number of steps?</summary>
public static class TransitiveClosure
{
    /// <summary>All pairs (from, to) with a path of one or more links, in no order.</summary>
    /// <param name="path">Text with one link a line: <c>from to</c>, separated by white space.</param>
    public static async Task<Rdd<(string From, string To)>> RunAsync(MicroSparkContext spark, string path, CancellationToken cancellationToken = default)
    {
        var links = spark.TextFile(path).FlatMap(ParseLink).Distinct().Cache();

        // Keyed by where a link ends: a path that begins there can be made longer by it.
        var byEnd = links.Map(link => (Key: link.To, Value: link.From)).Cache();
        var paths = links;
        long before = -1;
        var count = await paths.CountAsync(cancellationToken);
        while (count != before)
        {
            // Each round joins (x, y) with (y, z) to (x, z), until no round finds a new pair.
            var longer = paths.Map(p => (Key: p.From, Value: p.To)).Join(byEnd).Map(p => (From: p.Value.Right, To: p.Value.Left));
            var next = paths.Union(longer).Distinct().Cache();
            (before, count) = (count, await next.CountAsync(cancellationToken));
            paths = next;
        }

        return paths;
    }

    private static IEnumerable<(string From, string To)> ParseLink(string line) =>
        line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var from, var to, ..] ? [(from, to)] : [];
}
