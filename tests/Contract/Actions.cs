namespace MicroSpark.Contract;

/// <summary>Every action of an Rdd, by its arguments' names.</summary>
internal static class Actions
{
    public static async Task Bring(Rdd<int> rdd, CancellationToken ct)
    {
        var all = await rdd.CollectAsync(cancellationToken: ct);
        var stream = rdd.AsAsyncEnumerable();
        await using var enumerator = rdd.GetAsyncEnumerator(cancellationToken: ct);
        await foreach (var x in rdd)
        {
            _ = x;
        }

        var count = await rdd.CountAsync(cancellationToken: ct);
        var first = await rdd.FirstAsync(cancellationToken: ct);
        var take = await rdd.TakeAsync(count: 2, cancellationToken: ct);
        var smallest = await rdd.TakeOrderedAsync(count: 2, comparer: Comparer<int>.Default, cancellationToken: ct);
        var largest = await rdd.TopAsync(count: 2, comparer: Comparer<int>.Default, cancellationToken: ct);
        var smallestBy = await rdd.TakeOrderedAsync(count: 2, key: x => -x, comparer: Comparer<int>.Default, cancellationToken: ct);
        var largestBy = await rdd.TopAsync(count: 2, key: x => -x, comparer: Comparer<int>.Default, cancellationToken: ct);
        var maxBy = await rdd.MaxByAsync(key: x => -x, cancellationToken: ct);
        var minBy = await rdd.MinByAsync(key: x => -x, cancellationToken: ct);
        var sample = await rdd.TakeSampleAsync(withReplacement: false, count: 2, seed: 1, cancellationToken: ct);
        var none = await rdd.IsEmptyAsync(cancellationToken: ct);
        _ = (all, stream, count, first, take, smallest, largest, smallestBy, largestBy, maxBy, minBy, sample, none);
    }

    public static async Task Combine(Rdd<int> rdd, CancellationToken ct)
    {
        var reduced = await rdd.ReduceAsync(f: (a, b) => a + b, cancellationToken: ct);
        var treeReduced = await rdd.TreeReduceAsync(f: (a, b) => a + b, depth: 3, cancellationToken: ct);
        var folded = await rdd.FoldAsync(zero: 0, f: (a, b) => a + b, cancellationToken: ct);
        var aggregated = await rdd.AggregateAsync(zero: 0L, add: (a, x) => a + x, merge: (a, b) => a + b, cancellationToken: ct);
        var tree = await rdd.TreeAggregateAsync(zero: 0L, add: (a, x) => a + x, merge: (a, b) => a + b, depth: 3, cancellationToken: ct);
        var max = await rdd.MaxAsync(comparer: Comparer<int>.Default, cancellationToken: ct);
        var min = await rdd.MinAsync(comparer: Comparer<int>.Default, cancellationToken: ct);
        var counts = await rdd.CountByValueAsync(cancellationToken: ct);
        await rdd.ForeachAsync(f: x => Console.WriteLine(x), cancellationToken: ct);
        await rdd.ForeachAsync(f: async x => await Task.Yield(), cancellationToken: ct);
        await rdd.ForeachPartitionAsync(f: items => Console.WriteLine(items.Count()), cancellationToken: ct);
        _ = (reduced, treeReduced, folded, aggregated, tree, max, min, counts);
    }

    public static async Task Estimate(Rdd<int> rdd, TimeSpan timeout, CancellationToken ct)
    {
        var count = await rdd.CountApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        var counts =
            await rdd.CountByValueApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        var distinct = await rdd.CountApproxDistinctAsync(relativeStandardDeviation: 0.1, cancellationToken: ct);
        (var value, var final) = count;
        (var mean, var confidence, var low, var high) = value;
        _ = (counts, distinct, final, mean, confidence, low, high, count.Value, count.IsFinal);
    }

    public static async Task Save(Rdd<string> lines, CancellationToken ct)
    {
        await lines.SaveAsTextFileAsync(path: "p", compression: Compression.None, cancellationToken: ct);
        await lines.SaveAsTextFileAsync(path: "p", compression: Compression.Gzip, cancellationToken: ct);
    }

    public static async Task Numbers(Rdd<int> ints, Rdd<double> doubles, Rdd<decimal> decimals, TimeSpan timeout, CancellationToken ct)
    {
        var sum = await ints.SumAsync(cancellationToken: ct);
        var money = await decimals.SumAsync(cancellationToken: ct);
        var mean = await doubles.MeanAsync(cancellationToken: ct);
        var variance = await doubles.VarianceAsync(cancellationToken: ct);
        var deviation = await doubles.StdevAsync(cancellationToken: ct);
        var sampleVariance = await doubles.SampleVarianceAsync(cancellationToken: ct);
        var sampleDeviation = await doubles.SampleStdevAsync(cancellationToken: ct);
        var stats = await doubles.StatsAsync(cancellationToken: ct);
        (long, double, double, double, double, double, double, double, double) parts = (stats.Count, stats.Mean, stats.Sum, stats.Variance, stats.SampleVariance,
            stats.Stdev, stats.SampleStdev, stats.Max, stats.Min);
        var even = await doubles.HistogramAsync(buckets: 3, cancellationToken: ct);
        (var edges, var counts) = even;
        var given = await doubles.HistogramAsync(edges: [0, 1, 2], cancellationToken: ct);
        var approxMean = await doubles.MeanApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        var approxSum = await doubles.SumApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        _ = (sum, money, mean, variance, deviation, sampleVariance, sampleDeviation, parts, edges, counts, given, approxMean, approxSum);
    }
}
