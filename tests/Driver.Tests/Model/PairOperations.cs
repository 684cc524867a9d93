#pragma warning disable CS8619, CS8620, CS8714 // Null keys are among the inputs on purpose, also where a dictionary refuses them.

using MicroSpark.Tests.Model;
using static MicroSpark.Tests.Model.ElementOperations;
using static MicroSpark.Tests.Model.Operation;

namespace MicroSpark.Tests.Model;

/// <summary>Transformations of pairs. A null key is a key like any other.</summary>
internal static class PairOperations
{
    public static IEnumerable<Operation> Own =>
    [
        Layout("MapValues(f)", r => r.Pairs.MapValues(v => v * 2L), m => m.Pairs.Select(p => p.Select(q => (q.Key, q.Value * 2L)))),
        Layout("FlatMapValues(f)", r => r.Pairs.FlatMapValues(v => Enumerable.Range(v, Math.Abs(v) % 3)), m => m.Pairs.Select(p => p.SelectMany(q => Enumerable.Range(q.Value, Math.Abs(q.Value) % 3).Select(v => (q.Key, v))))),
        Layout("Keys()", r => r.Pairs.Keys(), m => m.Pairs.Select(p => p.Select(q => q.Key))),
        Layout("Values()", r => r.Pairs.Values(), m => m.Pairs.Select(p => p.Select(q => q.Value))),
        Placed("PartitionBy(partitioner)", r => r.Pairs.PartitionBy(r.Placed), m => All(m.Pairs), m => m.Count),
        Placed("PartitionBy(partitioner): narrow operators keep it", r => r.Pairs.PartitionBy(r.Placed).Filter(p => p.Value != 7).MapValues(v => v + 1).FlatMapValues(v => new[] { v, v }).Sample(false, 1), m => All(m.Pairs).Where(p => p.Value != 7).SelectMany(p => new[] { (p.Key, p.Value + 1), (p.Key, p.Value + 1) }), m => m.Count),
        Placed("Union(other): of what is placed alike", r => r.Pairs.PartitionBy(r.Placed).Union(r.Pairs.ReduceByKey((a, b) => a + b, r.Placed)), m => All(m.Pairs).Concat(Sums(m)), m => m.Count),
        Placed("ReduceByKey(f, partitions)", r => r.Pairs.ReduceByKey((a, b) => a + b, r.Given), Sums, Default),
        Placed("ReduceByKey(f, partitioner)", r => r.Pairs.ReduceByKey((a, b) => a + b, r.Placed), Sums, m => m.Count),
        Placed("ReduceByKey(f, partitioner): after PartitionBy", r => r.Pairs.PartitionBy(r.Placed).ReduceByKey((a, b) => a + b), Sums, m => m.Count),
        Placed("GroupByKey(partitions)", r => r.Pairs.GroupByKey(r.Given), Groups, Default),
        Placed("GroupByKey(partitioner)", r => r.Pairs.GroupByKey(r.Placed), Groups, m => m.Count),
        Placed("AggregateByKey(zero, add, merge, partitions)", r => r.Pairs.AggregateByKey(new List<int>(), (list, v) => { list.Add(v); return list; }, (a, b) => { a.AddRange(b); return a; }, r.Given), m => Groups(m).Select(g => (g.Key, g.Value.ToList())), Default),
        Placed("AggregateByKey(zero, add, merge, partitioner)", r => r.Pairs.AggregateByKey((0, 0L), (a, v) => (a.Item1 + 1, a.Item2 + v), (a, b) => (a.Item1 + b.Item1, a.Item2 + b.Item2), r.Placed), m => Groups(m).Select(g => (g.Key, (g.Value.Count, g.Value.Sum(v => (long)v)))), m => m.Count),
        Placed("FoldByKey(zero, f, partitions)", r => r.Pairs.FoldByKey(0, (a, b) => a + b, r.Given), Sums, Default),
        Placed("FoldByKey(zero, f, partitioner)", r => r.Pairs.FoldByKey(int.MinValue, (a, b) => Math.Max(a, b), r.Placed), m => Groups(m).Select(g => (g.Key, g.Value.Max())), m => m.Count),
        Placed("CombineByKey(create, add, merge, partitions)", r => r.Pairs.CombineByKey(v => $"{v}", (text, v) => $"{text},{v}", (a, b) => $"{a},{b}", r.Given), m => Groups(m).Select(g => (g.Key, string.Join(',', g.Value))), Default),
        Placed("CombineByKey(create, add, merge, partitioner)", r => r.Pairs.CombineByKey(v => new HashSet<int> { v }, (set, v) => { set.Add(v); return set; }, (a, b) => { a.UnionWith(b); return a; }, r.Placed).MapValues(set => set.Order().ToArray()), m => Groups(m).Select(g => (g.Key, g.Value.Distinct().Order().ToArray())), m => m.Count),
        Placed("RepartitionAndSortWithinPartitions(partitioner, ascending, comparer)", r => r.Pairs.RepartitionAndSortWithinPartitions(r.Placed), m => All(m.Pairs), m => m.Count),
        Value(
            "RepartitionAndSortWithinPartitions(partitioner, ascending, comparer): sorts down",
            async r => (await r.Pairs.RepartitionAndSortWithinPartitions(r.Placed, ascending: false).Keys().Glom().CollectAsync())
                .All(keys => keys.SequenceEqual(keys.OrderDescending(StringComparer.Ordinal))),
            _ => true),
        Sequence("SortByKey(ascending, partitions, comparer)", r => r.Pairs.SortByKey(partitions: r.Given).Keys(), m => All(m.Pairs).Select(p => p.Key).Order(StringComparer.Ordinal), Default),
        Bag("SortByKey(ascending, partitions, comparer): keeps the pairs", r => r.Pairs.SortByKey(false, r.Given), m => All(m.Pairs), Default),
        Layout("FilterByRange(lower, upper)", r => r.Pairs.FilterByRange("A", "b"), m => m.Pairs.Select(p => p.Where(q => string.CompareOrdinal("A", q.Key) <= 0 && string.CompareOrdinal(q.Key, "b") <= 0))),
        Bag("FilterByRange(lower, upper): of what is sorted", r => r.Pairs.SortByKey(true, r.Given).FilterByRange(null, "a"), m => All(m.Pairs).Where(p => string.CompareOrdinal(p.Key, "a") <= 0), Default),
        Value(
            "RangePartitioner.SampleAsync(rdd, partitions, ascending, cancellationToken)",
            async r =>
            {
                var ranges = await RangePartitioner<string?>.SampleAsync(r.Pairs, r.Input.Count, ascending: false);
                var keys = await r.Pairs.PartitionBy(ranges).FilterByRange("", "b").Keys().Glom().CollectAsync();
                var sorted = keys.SelectMany(part => part.OrderDescending(StringComparer.Ordinal));
                return ranges.NumPartitions <= r.Input.Count ? sorted : ["too many"];
            },
            m => All(m.Pairs).Select(p => p.Key).Where(k => k is not null && string.CompareOrdinal(k, "b") <= 0).OrderDescending(StringComparer.Ordinal)),
        Placed("CountApproxDistinctByKey(relativeStandardDeviation, partitions)", r => r.Pairs.CountApproxDistinctByKey(0.01, r.Given), Distincts, Default),
        Placed("CountApproxDistinctByKey(relativeStandardDeviation, partitioner)", r => r.Pairs.CountApproxDistinctByKey(0.01, r.Placed), Distincts, m => m.Count),
        Value(
            "SampleByKey(withReplacement, fractions, seed)",
            async r =>
            {
                var pairs = r.Pairs.Filter(p => p.Key is "a" or "b");
                var drawn = await pairs.SampleByKey(false, new Dictionary<string, double> { ["a"] = 1, ["b"] = 0 }!, r.Input.Seed).CollectAsync();
                var half = pairs.SampleByKey(true, new Dictionary<string, double> { ["a"] = 0.5, ["b"] = 2 }!, r.Input.Seed);
                return (Outcome.Of(await half.CollectAsync()) == Outcome.Of(await half.CollectAsync()), drawn.AsEnumerable());
            },
            m => (true, All(m.Pairs).Where(p => p.Key == "a"))),
        Value(
            "SampleByKey(withReplacement, fractions, seed): a key without a fraction", r => r.Pairs.SampleByKey(false, new Dictionary<string, double>()!).CountAsync(),
            m => All(m.Pairs).Any() ? throw new JobFailedException("no fraction", new KeyNotFoundException()) : 0L),
        Value(
            "SampleByKeyExact(withReplacement, fractions, seed)",
            async r => await r.Pairs.Filter(p => p.Key is "a" or "b").SampleByKeyExact(r.Input.Count % 2 == 0, new Dictionary<string, double> { ["a"] = 0.3, ["b"] = 1 }!, r.Input.Seed).CountByKeyAsync(),
            m => All(m.Pairs).Where(p => p.Key is "a" or "b").GroupBy(p => p.Key!).ToDictionary(g => g.Key, g => (long)Math.Ceiling(g.Count() * (g.Key == "a" ? 0.3 : 1)))),
    ];

    public static IEnumerable<Operation> OfTwo =>
    [
        Placed("Join(other, partitions)", r => r.Pairs.Join(r.Prices, r.Given), Inner, Larger),
        Placed("Join(other, partitioner)", r => r.Pairs.Join(r.Prices, r.Placed), Inner, m => m.Count),
        Placed("Join(other, partitioner): one side is placed", r => r.Pairs.PartitionBy(r.Placed).Join(r.Prices, r.Placed), Inner, m => m.Count),
        Placed("LeftOuterJoin(other, partitions)", r => r.Pairs.LeftOuterJoin(r.Prices, r.Given), Left, Larger),
        Placed("LeftOuterJoin(other, partitioner)", r => r.Pairs.LeftOuterJoin(r.Prices, r.Placed), Left, m => m.Count),
        Placed("RightOuterJoin(other, partitions)", r => r.Pairs.RightOuterJoin(r.Prices, r.Given), Right, Larger),
        Placed("RightOuterJoin(other, partitioner)", r => r.Pairs.RightOuterJoin(r.Prices, r.Placed), Right, m => m.Count),
        Placed("FullOuterJoin(other, partitions)", r => r.Pairs.FullOuterJoin(r.Prices, r.Given), Full, Larger),
        Placed("FullOuterJoin(other, partitioner)", r => r.Pairs.FullOuterJoin(r.Prices, r.Placed), Full, m => m.Count),
        Placed("Cogroup(other, partitions)", r => r.Pairs.Cogroup(r.Prices, r.Given), Two, Larger),
        Placed("Cogroup(other, partitioner)", r => r.Pairs.Cogroup(r.Prices, r.Placed), Two, m => m.Count),
        Placed("Cogroup(second, third, partitions)", r => r.Pairs.Cogroup(r.Prices, r.Pairs, r.Given), Three, Larger),
        Placed("Cogroup(second, third, partitioner)", r => r.Pairs.Cogroup(r.Prices, r.Pairs.PartitionBy(r.Placed), r.Placed), Three, m => m.Count),
        Placed("Cogroup(second, third, fourth, partitions)", r => r.Pairs.Cogroup(r.Prices, r.Pairs, r.Prices, r.Given), Four, Larger),
        Placed("Cogroup(second, third, fourth, partitioner)", r => r.Pairs.Cogroup(r.Prices, r.Pairs, r.Prices, r.Placed), Four, m => m.Count),
        Placed("SubtractByKey(other, partitions)", r => r.Pairs.SubtractByKey(r.Prices, r.Given), Without, Default),
        Placed("SubtractByKey(other, partitioner)", r => r.Pairs.SubtractByKey(r.Prices, r.Placed), Without, m => m.Count),
        Bag(
            "Join(inner, outerKey, innerKey, result)", r => from p in r.Pairs join q in r.Prices on p.Key equals q.Key select (p.Key, p.Value + q.Value),
            m => from p in All(m.Pairs) join q in All(m.Prices) on p.Key equals q.Key select (p.Key, p.Value + q.Value), m => Math.Max(m.Pairs.Length, m.Prices.Length)),
        Bag(
            "GroupJoin(inner, outerKey, innerKey, result)", r => from p in r.Pairs join q in r.Prices on p.Key equals q.Key into found select (p, found.Sum(q => q.Value)),
            m => from p in All(m.Pairs) join q in All(m.Prices) on p.Key equals q.Key into found select (p, found.Sum(q => q.Value)), m => Math.Max(m.Pairs.Length, m.Prices.Length)),
    ];

    public static int Default(Input m) => m.OrLargest(m.Pairs.Length);

    private static int Larger(Input m) => m.OrLargest(m.Pairs.Length, m.Prices.Length);

    private static IEnumerable<(string? Key, int Value)> Sums(Input m) => Groups(m).Select(g => (g.Key, g.Value.Sum()));

    private static IEnumerable<(string? Key, long Value)> Distincts(Input m) => Groups(m).Select(g => (g.Key, g.Value.Distinct().LongCount()));

    private static IEnumerable<(string? Key, IReadOnlyList<int> Value)> Groups(Input m) =>
        All(m.Pairs).GroupBy(p => p.Key, p => p.Value).Select(g => (g.Key, (IReadOnlyList<int>)g.ToArray()));

    private static IEnumerable<(string? Key, int Value)> Without(Input m) => All(m.Pairs).Where(p => All(m.Prices).All(q => q.Key != p.Key));

    private static IEnumerable<(string? Key, (IReadOnlyList<int> Left, IReadOnlyList<long> Right) Value)> Two(Input m) =>
        All(m.Pairs).Select(p => p.Key).Union(All(m.Prices).Select(q => q.Key)).Select(key => (
            key,
            ((IReadOnlyList<int>)[.. All(m.Pairs).Where(p => p.Key == key).Select(p => p.Value)], (IReadOnlyList<long>)[.. All(m.Prices).Where(q => q.Key == key).Select(q => q.Value)])));

    private static IEnumerable<(string? Key, (IReadOnlyList<int> First, IReadOnlyList<long> Second, IReadOnlyList<int> Third) Value)> Three(Input m) =>
        Two(m).Select(row => (row.Key, (row.Value.Left, row.Value.Right, row.Value.Left)));

    private static IEnumerable<(string? Key, (IReadOnlyList<int> First, IReadOnlyList<long> Second, IReadOnlyList<int> Third, IReadOnlyList<long> Fourth) Value)> Four(Input m) =>
        Two(m).Select(row => (row.Key, (row.Value.Left, row.Value.Right, row.Value.Left, row.Value.Right)));

    private static IEnumerable<(string? Key, (Optional<int> Left, Optional<long> Right) Value)> Full(Input m) =>
        Two(m).SelectMany(row => Sides(row.Value.Left).SelectMany(left => Sides(row.Value.Right).Select(right => (row.Key, (left, right)))));

    private static IEnumerable<(string? Key, (int Left, Optional<long> Right) Value)> Left(Input m) =>
        Full(m).Where(row => row.Value.Left.HasValue).Select(row => (row.Key, (row.Value.Left.Value, row.Value.Right)));

    private static IEnumerable<(string? Key, (Optional<int> Left, long Right) Value)> Right(Input m) =>
        Full(m).Where(row => row.Value.Right.HasValue).Select(row => (row.Key, (row.Value.Left, row.Value.Right.Value)));

    private static IEnumerable<(string? Key, (int Left, long Right) Value)> Inner(Input m) =>
        Left(m).Where(row => row.Value.Right.HasValue).Select(row => (row.Key, (row.Value.Left, row.Value.Right.Value)));

    private static IEnumerable<Optional<T>> Sides<T>(IReadOnlyList<T> values) => values.Count == 0 ? [Optional<T>.None] : values.Select(Optional<T>.Some);
}
