namespace MicroSpark.Contract;

/// <summary>Every action of an Rdd, by its arguments' names.</summary>
internal static class Actions
{
    public static async Task Bring(Rdd<int> rdd, CancellationToken ct)
    {
        int[] all = await rdd.CollectAsync(cancellationToken: ct);
        IAsyncEnumerable<int> stream = rdd.AsAsyncEnumerable();
        await using IAsyncEnumerator<int> enumerator = rdd.GetAsyncEnumerator(cancellationToken: ct);
        await foreach (int x in rdd)
        {
            _ = x;
        }

        long count = await rdd.CountAsync(cancellationToken: ct);
        int first = await rdd.FirstAsync(cancellationToken: ct);
        int[] take = await rdd.TakeAsync(count: 2, cancellationToken: ct);
        int[] smallest = await rdd.TakeOrderedAsync(count: 2, comparer: Comparer<int>.Default, cancellationToken: ct);
        int[] largest = await rdd.TopAsync(count: 2, comparer: Comparer<int>.Default, cancellationToken: ct);
        int[] smallestBy = await rdd.TakeOrderedAsync(count: 2, key: x => -x, comparer: Comparer<int>.Default, cancellationToken: ct);
        int[] largestBy = await rdd.TopAsync(count: 2, key: x => -x, comparer: Comparer<int>.Default, cancellationToken: ct);
        int maxBy = await rdd.MaxByAsync(key: x => -x, cancellationToken: ct);
        int minBy = await rdd.MinByAsync(key: x => -x, cancellationToken: ct);
        int[] sample = await rdd.TakeSampleAsync(withReplacement: false, count: 2, seed: 1, cancellationToken: ct);
        bool none = await rdd.IsEmptyAsync(cancellationToken: ct);
        _ = (all, stream, count, first, take, smallest, largest, smallestBy, largestBy, maxBy, minBy, sample, none);
    }

    public static async Task Combine(Rdd<int> rdd, CancellationToken ct)
    {
        int reduced = await rdd.ReduceAsync(f: (a, b) => a + b, cancellationToken: ct);
        int treeReduced = await rdd.TreeReduceAsync(f: (a, b) => a + b, depth: 3, cancellationToken: ct);
        int folded = await rdd.FoldAsync(zero: 0, f: (a, b) => a + b, cancellationToken: ct);
        long aggregated = await rdd.AggregateAsync(zero: 0L, add: (a, x) => a + x, merge: (a, b) => a + b, cancellationToken: ct);
        long tree = await rdd.TreeAggregateAsync(zero: 0L, add: (a, x) => a + x, merge: (a, b) => a + b, depth: 3, cancellationToken: ct);
        int max = await rdd.MaxAsync(comparer: Comparer<int>.Default, cancellationToken: ct);
        int min = await rdd.MinAsync(comparer: Comparer<int>.Default, cancellationToken: ct);
        Dictionary<int, long> counts = await rdd.CountByValueAsync(cancellationToken: ct);
        await rdd.ForeachAsync(f: x => Console.WriteLine(x), cancellationToken: ct);
        await rdd.ForeachAsync(f: async x => await Task.Yield(), cancellationToken: ct);
        await rdd.ForeachPartitionAsync(f: items => Console.WriteLine(items.Count()), cancellationToken: ct);
        _ = (reduced, treeReduced, folded, aggregated, tree, max, min, counts);
    }

    public static async Task Estimate(Rdd<int> rdd, TimeSpan timeout, CancellationToken ct)
    {
        PartialResult<BoundedDouble> count = await rdd.CountApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        PartialResult<Dictionary<int, BoundedDouble>> counts =
            await rdd.CountByValueApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        long distinct = await rdd.CountApproxDistinctAsync(relativeStandardDeviation: 0.1, cancellationToken: ct);
        (BoundedDouble value, bool final) = count;
        (double mean, double confidence, double low, double high) = value;
        _ = (counts, distinct, final, mean, confidence, low, high, count.Value, count.IsFinal);
    }

    public static async Task Save(Rdd<string> lines, CancellationToken ct)
    {
        await lines.SaveAsTextFileAsync(path: "p", compression: Compression.None, cancellationToken: ct);
        await lines.SaveAsTextFileAsync(path: "p", compression: Compression.Gzip, cancellationToken: ct);
    }

    public static async Task Numbers(Rdd<int> ints, Rdd<double> doubles, Rdd<decimal> decimals, TimeSpan timeout, CancellationToken ct)
    {
        int sum = await ints.SumAsync(cancellationToken: ct);
        decimal money = await decimals.SumAsync(cancellationToken: ct);
        double mean = await doubles.MeanAsync(cancellationToken: ct);
        double variance = await doubles.VarianceAsync(cancellationToken: ct);
        double deviation = await doubles.StdevAsync(cancellationToken: ct);
        double sampleVariance = await doubles.SampleVarianceAsync(cancellationToken: ct);
        double sampleDeviation = await doubles.SampleStdevAsync(cancellationToken: ct);
        Stats stats = await doubles.StatsAsync(cancellationToken: ct);
        (long, double, double, double, double, double, double, double, double) parts = (stats.Count, stats.Mean, stats.Sum, stats.Variance, stats.SampleVariance,
            stats.Stdev, stats.SampleStdev, stats.Max, stats.Min);
        Histogram even = await doubles.HistogramAsync(buckets: 3, cancellationToken: ct);
        (double[] edges, long[] counts) = even;
        long[] given = await doubles.HistogramAsync(edges: [0, 1, 2], cancellationToken: ct);
        PartialResult<BoundedDouble> approxMean = await doubles.MeanApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        PartialResult<BoundedDouble> approxSum = await doubles.SumApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        _ = (sum, money, mean, variance, deviation, sampleVariance, sampleDeviation, parts, edges, counts, given, approxMean, approxSum);
    }
}
