#pragma warning disable CS8619, CS8620, CS8714 // Null keys are among the inputs on purpose, also where a dictionary refuses them.

using MicroSpark.Tests.Model;
using static MicroSpark.Tests.Model.ElementOperations;
using static MicroSpark.Tests.Model.Operation;

namespace MicroSpark.Tests.Model;

/// <summary>Actions, and how they fail on nothing.</summary>
internal static class ActionOperations
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(5);

    public static IEnumerable<Operation> OfElements =>
    [
        Value("CollectAsync(cancellationToken)", r => r.Words.CollectAsync(), m => All(m.Words)),
        Value("AsAsyncEnumerable()", async r => await Streamed(r.Words.AsAsyncEnumerable().GetAsyncEnumerator()), m => All(m.Words)),
        Value("GetAsyncEnumerator(cancellationToken)", async r => await Streamed(r.Words.Distinct().SortBy(w => w).GetAsyncEnumerator()), m => All(m.Words).Distinct().Order(StringComparer.Ordinal)),
        Value("CountAsync(cancellationToken)", r => r.Words.CountAsync(), m => All(m.Words).LongCount()),
        Value("CountAsync(cancellationToken): of what is filtered", r => r.Words.Filter(w => w != "a").CountAsync(), m => All(m.Words).LongCount(w => w != "a")),
        Value("FirstAsync(cancellationToken)", r => r.Words.FirstAsync(), m => All(m.Words).First()),
        Value("TakeAsync(count, cancellationToken)", r => r.Words.TakeAsync(r.Input.Count), m => All(m.Words).Take(m.Count)),
        Value("TakeAsync(count, cancellationToken): nothing", r => r.Words.TakeAsync(r.Input.Count % 2 - 1), _ => Array.Empty<string>()),
        Value("TakeOrderedAsync(count, comparer, cancellationToken)", r => r.Words.TakeOrderedAsync(r.Input.Count), m => All(m.Words).Order(StringComparer.Ordinal).Take(m.Count)),
        Value("TakeOrderedAsync(count, key, comparer, cancellationToken)", r => r.Numbers.TakeOrderedAsync(r.Input.Count, n => (-n % 10, n)), m => All(m.Numbers).OrderBy(n => (-n % 10, n)).Take(m.Count)),
        Value("TopAsync(count, comparer, cancellationToken)", r => r.Words.TopAsync(r.Input.Count), m => All(m.Words).OrderDescending(StringComparer.Ordinal).Take(m.Count)),
        Value("TopAsync(count, key, comparer, cancellationToken)", r => r.Numbers.TopAsync(r.Input.Count, n => (n % 10, n)), m => All(m.Numbers).OrderByDescending(n => (n % 10, n)).Take(m.Count)),
        Value("MaxByAsync(key, cancellationToken)", r => r.Pairs.MaxByAsync(p => p.Value), m => NotEmpty(All(m.Pairs)).MaxBy(p => p.Value)),
        Value("MinByAsync(key, cancellationToken)", r => r.Pairs.MinByAsync(p => p.Value), m => NotEmpty(All(m.Pairs)).MinBy(p => p.Value)),
        Value("MaxAsync(comparer, cancellationToken)", r => r.Words.MaxAsync(), m => NotEmpty(All(m.Words)).Order(StringComparer.Ordinal).Last()),
        Value("MinAsync(comparer, cancellationToken)", r => r.Words.MinAsync(), m => NotEmpty(All(m.Words)).Order(StringComparer.Ordinal).First()),
        Value("TakeSampleAsync(withReplacement, count, seed, cancellationToken)", async r => (await r.Words.TakeSampleAsync(false, 1000, r.Input.Seed)).Order(StringComparer.Ordinal), m => All(m.Words).Order(StringComparer.Ordinal)),
        Value(
            "TakeSampleAsync(withReplacement, count, seed, cancellationToken): some",
            async r =>
            {
                var some = await r.Words.ZipWithIndex().TakeSampleAsync(false, r.Input.Count, r.Input.Seed);
                var again = await r.Words.ZipWithIndex().TakeSampleAsync(true, r.Input.Count, r.Input.Seed);
                return (some.Select(p => p.Index).Distinct().Count(), again.Length);
            },
            m => (Math.Min(m.Count, All(m.Words).Count()), All(m.Words).Any() ? m.Count : 0)),
        Value("IsEmptyAsync(cancellationToken)", r => r.Words.Filter(w => w == "b").IsEmptyAsync(), m => !All(m.Words).Contains("b")),
        Value("ReduceAsync(f, cancellationToken)", r => r.Words.ReduceAsync((a, b) => a + b), m => All(m.Words).Aggregate((a, b) => a + b)),
        Value("TreeReduceAsync(f, depth, cancellationToken)", r => r.Words.TreeReduceAsync((a, b) => a + b, (r.Input.Count % 3) + 1), m => All(m.Words).Aggregate((a, b) => a + b)),
        Value("FoldAsync(zero, f, cancellationToken)", r => r.Words.FoldAsync("0", (a, b) => a + b), m => m.Words.Aggregate("0", (a, p) => a + p.Aggregate("0", (b, w) => b + w))),
        Value("AggregateAsync(zero, add, merge, cancellationToken)", r => r.Words.AggregateAsync(new List<string?>(), (list, w) => { list.Add(w); return list; }, (a, b) => { a.AddRange(b); return a; }), m => All(m.Words)),
        Value("TreeAggregateAsync(zero, add, merge, depth, cancellationToken)", r => r.Numbers.TreeAggregateAsync(0L, (a, n) => a + n, (a, b) => a + b, (r.Input.Count % 3) + 1), m => All(m.Numbers).Sum(n => (long)n)),
        Value("CountByValueAsync(cancellationToken)", r => r.Words.CountByValueAsync()!, m => Counts(All(m.Words))),
        Value(
            "ForeachAsync(f, cancellationToken)",
            async r =>
            {
                var sum = r.Spark.LongAccumulator();
                await r.Numbers.ForeachAsync(n => sum += n);
                await r.Numbers.ForeachAsync(async n =>
                {
                    await Task.Yield();
                    sum += n;
                });
                return (sum.Value, sum.Count);
            },
            m => (2L * All(m.Numbers).Sum(), 2L * All(m.Numbers).Count())),
        Value(
            "ForeachPartitionAsync(f, cancellationToken)",
            async r =>
            {
                var sizes = r.Spark.CollectionAccumulator<int>();
                await r.Words.ForeachPartitionAsync(p => sizes.Add(p.Count()));
                return sizes.Value.Order();
            },
            m => m.Words.Select(p => p.Length).Order()),
        Value("CountApproxAsync(timeout, confidence, cancellationToken)", async r => Exact(await r.Words.CountApproxAsync(s_long)), m => (double)All(m.Words).Count()),
        Value("CountByValueApproxAsync(timeout, confidence, cancellationToken)", async r => Exact(await r.Words.CountByValueApproxAsync(s_long)!), m => Counts(All(m.Words)).ToDictionary(c => c.Key, c => (double)c.Value)),
        Value("CountApproxDistinctAsync(relativeStandardDeviation, cancellationToken)", r => r.Words.CountApproxDistinctAsync(0.01), m => All(m.Words).Distinct().LongCount()),
        Value("ShowAsync(rows, output, cancellationToken)", async r => { using var text = new StringWriter(); await r.Numbers.ShowAsync(1000, text); return All(r.Input.Numbers).All(n => text.ToString().Contains($"{n}", StringComparison.Ordinal)); }, _ => true),
        Value(
            "RunJobAsync(rdd, perPartition, partitions, cancellationToken)",
            async r => (await r.Spark.RunJobAsync(r.Words, p => string.Concat(p)), await r.Spark.RunJobAsync(r.Words, p => p.Count(), [.. Enumerable.Range(0, r.Input.Words.Length).Reverse().Where(i => i % 2 == 0)])),
            m => (m.Words.Select(p => string.Concat(p)), m.Words.Index().Reverse().Where(p => p.Index % 2 == 0).Select(p => p.Item.Length))),
    ];

    public static IEnumerable<Operation> OfPairs =>
    [
        Value("CountByKeyAsync(cancellationToken)", r => r.Pairs.CountByKeyAsync()!, m => Counts(All(m.Pairs).Select(p => p.Key))),
        Value("CountByKeyApproxAsync(timeout, confidence, cancellationToken)", async r => Exact(await r.Pairs.CountByKeyApproxAsync(s_long)!), m => Counts(All(m.Pairs).Select(p => p.Key)).ToDictionary(c => c.Key, c => (double)c.Value)),
        Value("CollectAsMapAsync(cancellationToken)", r => r.Pairs.CollectAsMapAsync()!, m => Map(All(m.Pairs), g => g.Last())),
        Value("CollectAsMapAsync(cancellationToken): without nulls", r => r.Pairs.Filter(p => p.Key != null).CollectAsMapAsync()!, m => Map(All(m.Pairs).Where(p => p.Key != null), g => g.Last())),
        Value("ReduceByKeyLocallyAsync(f, cancellationToken)", r => r.Pairs.Filter(p => p.Key != null).ReduceByKeyLocallyAsync((a, b) => a - b)!, m => m.Pairs.Length == 0 ? throw new InvalidOperationException("empty") : MapOfReduced(m)),
        Value("LookupAsync(key, cancellationToken)", r => r.Pairs.LookupAsync("a"), m => All(m.Pairs).Where(p => p.Key == "a").Select(p => p.Value)),
        Value("LookupAsync(key, cancellationToken): of what is placed", r => r.Pairs.PartitionBy(r.Placed).LookupAsync(null), m => All(m.Pairs).Where(p => p.Key == null).Select(p => p.Value)),
        Value("LookupAsync(key, cancellationToken): of what is sorted", async r => (await r.Pairs.SortByKey().LookupAsync("b")).Order(), m => All(m.Pairs).Where(p => p.Key == "b").Select(p => p.Value).Order()),
    ];

    public static IEnumerable<Operation> OfNumbers =>
    [
        Value("SumAsync(cancellationToken)", r => r.Numbers.SumAsync(), m => All(m.Numbers).Sum()),
        Value("SumAsync(cancellationToken): of decimals", r => r.Numbers.Map(n => n / 4m).SumAsync(), m => All(m.Numbers).Sum(n => n / 4m)),
        Value("SumAsync(cancellationToken): that overflow", r => r.Numbers.Map(n => int.MaxValue).SumAsync(), m => All(m.Numbers).Count() > 1 ? throw new JobFailedException("", new OverflowException()) : All(m.Numbers).Sum(_ => int.MaxValue)),
        Near("MeanAsync(cancellationToken)", async r => [await r.Numbers.MeanAsync()], m => [Moments(m).Mean]),
        Near("VarianceAsync(cancellationToken)", async r => [await r.Numbers.VarianceAsync()], m => [Moments(m).Squares / Moments(m).Count]),
        Near("StdevAsync(cancellationToken)", async r => [await r.Numbers.StdevAsync()], m => [Math.Sqrt(Moments(m).Squares / Moments(m).Count)]),
        Near("SampleVarianceAsync(cancellationToken)", async r => [await r.Numbers.SampleVarianceAsync()], m => [SampleVariance(m)]),
        Near("SampleStdevAsync(cancellationToken)", async r => [await r.Numbers.SampleStdevAsync()], m => [Math.Sqrt(SampleVariance(m))]),
        Near(
            "StatsAsync(cancellationToken)",
            async r =>
            {
                var stats = await r.Numbers.Map(n => n + 1e9).StatsAsync();
                return [stats.Count, stats.Mean, stats.Variance, stats.SampleVariance, stats.Stdev, stats.SampleStdev, stats.Max, stats.Min];
            },
            m =>
            {
                var (count, mean, squares) = Moments(m);
                var (variance, sample) = (squares / count, SampleVariance(m));
                var far = All(m.Numbers).Select(n => n + 1e9);
                return
                [
                    count, count == 0 ? 0 : mean + 1e9, variance, sample, Math.Sqrt(variance), Math.Sqrt(sample), far.DefaultIfEmpty(double.NegativeInfinity).Max(),
                    far.DefaultIfEmpty(double.PositiveInfinity).Min(),
                ];
            },
            tolerance: 1e-6), // a billion leaves seven digits behind the point
        Value("HistogramAsync(edges, cancellationToken)", r => r.Numbers.HistogramAsync([-50, 0, 7, 8, 50]), m => new[] { -50, 0, 7, 8 }.Zip([0, 7, 8, 51]).Select(e => All(m.Numbers).LongCount(n => n >= e.First && n < e.Second))),
        Value(
            "HistogramAsync(buckets, cancellationToken)",
            async r =>
            {
                var found = await r.Numbers.HistogramAsync(r.Input.Count);
                var numbers = All(r.Input.Numbers).ToArray();
                Assert.Equal(found.Edges.Length, found.Counts.Length + 1);
                return (found.Edges[0], found.Edges[^1], found.Counts.Length, found.Counts.Sum());
            },
            m => (NotEmpty(All(m.Numbers)).Min(), All(m.Numbers).Max(), All(m.Numbers).Distinct().Count() == 1 ? 1 : m.Count, All(m.Numbers).LongCount())),
        Value("MeanApproxAsync(timeout, confidence, cancellationToken)", async r => Math.Round(Exact(await r.Numbers.MeanApproxAsync(s_long)), 6), m => Math.Round(All(m.Numbers).DefaultIfEmpty().Average(), 6)),
        Value("SumApproxAsync(timeout, confidence, cancellationToken)", async r => Exact(await r.Numbers.SumApproxAsync(s_long)), m => (double)All(m.Numbers).Sum()),
    ];

    private static async Task<List<T>> Streamed<T>(IAsyncEnumerator<T> stream)
    {
        var items = new List<T>();
        await using (stream)
        {
            while (await stream.MoveNextAsync())
            {
                items.Add(stream.Current);
            }
        }

        return items;
    }

    private static IEnumerable<T> NotEmpty<T>(IEnumerable<T> items) => items.Any() ? items : throw new InvalidOperationException("empty");

    private static Dictionary<string, long> Counts(IEnumerable<string?> items) => Map(items.Select(item => (item, 1L)), g => g.Sum());

    private static Dictionary<string, R> Map<V, R>(IEnumerable<(string? Key, V Value)> pairs, Func<IEnumerable<V>, R> result) =>
        pairs.Any(p => p.Key is null) ? throw new InvalidOperationException("null") : pairs.GroupBy(p => p.Key!, p => p.Value).ToDictionary(g => g.Key, g => result(g));

    /// <summary>First within each partition, then across.</summary>
    private static Dictionary<string, int> MapOfReduced(Input m) =>
        m.Pairs.SelectMany(part => part.Where(p => p.Key != null).GroupBy(p => p.Key!, p => p.Value).Select(g => (g.Key, Value: g.Aggregate((a, b) => a - b))))
            .GroupBy(p => p.Key, p => p.Value).ToDictionary(g => g.Key, g => g.Aggregate((a, b) => a - b));

    private static (double Count, double Mean, double Squares) Moments(Input m)
    {
        if (m.Numbers.Length == 0)
        {
            throw new InvalidOperationException("empty");
        }

        var mean = All(m.Numbers).Select(n => (double)n).DefaultIfEmpty(0).Average();
        return (All(m.Numbers).Count(), mean, All(m.Numbers).Sum(n => (n - mean) * (n - mean)));
    }

    private static double SampleVariance(Input m) => Moments(m) is { Count: > 1 } moments ? moments.Squares / (moments.Count - 1) : double.NaN;

    private static double Exact(PartialResult<BoundedDouble> result) => Exact(result.IsFinal, result.Value);

    private static Dictionary<string, double> Exact(PartialResult<Dictionary<string, BoundedDouble>> result) => result.Value.ToDictionary(c => c.Key, c => Exact(result.IsFinal, c.Value));

    private static double Exact(bool isFinal, BoundedDouble value)
    {
        Assert.True(isFinal);
        Assert.Equal((value.Mean, value.Mean), (value.Low, value.High));
        return value.Mean;
    }
}
