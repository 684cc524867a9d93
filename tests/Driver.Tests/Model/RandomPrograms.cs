namespace MicroSpark.Tests.Model;

/// <summary>A random program as it goes: what it has declared so far, and what LINQ makes of the same.</summary>
/// <param name="Ordered">Whether the order of the elements is promised.</param>
internal sealed record Program(Rdd<(string? Key, int Value)> Rdd, (string? Key, int Value)[] Items, bool Ordered);

/// <summary>One more operator, with a number for whatever takes one, 1 or more.</summary>
internal sealed record Step(string Name, Func<Program, int, Program> Add)
{
    /// <summary>Operators whose results follow from the elements alone, so that any may follow any.</summary>
    public static IReadOnlyList<Step> All { get; } =
    [
        Elementwise("Map", (r, n) => r.Map(p => (p.Key, p.Value + n)), (i, n) => i.Select(p => (p.Key, p.Value + n))),
        Elementwise(
            "Map to keys", (r, n) => r.Map(p => (p.Value % 3 == 0 ? null : $"{p.Key}{p.Value % n}", p.Value)),
            (i, n) => i.Select(p => (p.Value % 3 == 0 ? null : $"{p.Key}{p.Value % n}", p.Value))),
        Elementwise("Filter", (r, n) => r.Filter(p => p.Value % n != 1), (i, n) => i.Where(p => p.Value % n != 1)),
        Elementwise("FlatMap", (r, n) => r.FlatMap(p => Enumerable.Repeat(p, p.Value & 1)), (i, n) => i.SelectMany(p => Enumerable.Repeat(p, p.Value & 1))),
        Elementwise("MapValues", (r, n) => r.MapValues(v => v / n), (i, n) => i.Select(p => (p.Key, p.Value / n))),
        Elementwise("FlatMapValues", (r, n) => r.FlatMapValues(v => new[] { v, v ^ n }[..(v & 1)]), (i, n) => i.SelectMany(p => new[] { p, (p.Key, p.Value ^ n) }[..(p.Value & 1)])),
        Elementwise("MapPartitions", (r, n) => r.MapPartitions(all => all.Where(p => p.Value > -n)), (i, n) => i.Where(p => p.Value > -n)),
        Elementwise("Glom", (r, n) => r.Glom().FlatMap(part => part), (i, n) => i),

        // What is placed alike is put together partition by partition.
        new("Union", (p, n) => new(p.Rdd.Union(p.Rdd.MapValues(v => v + n)), [.. p.Items, .. p.Items.Select(q => (q.Key, q.Value + n))], p.Ordered && p.Rdd.Partitioner() is null)),
        Elementwise("Coalesce", (r, n) => r.Coalesce(n), (i, _) => i),
        Elementwise("Cache", (r, _) => r.Filter(_ => true).Cache(), (i, _) => i),
        Elementwise("Persist", (r, n) => r.MapValues(v => v).Persist(n % 2 == 0 ? StorageLevel.DiskOnly : StorageLevel.MemoryOnlySerialized), (i, _) => i),
        Elementwise("Sample", (r, n) => r.Sample(false, 1, n), (i, _) => i),
        Elementwise("Zip", (r, n) => r.Zip(r.Map(p => p.Value + n)).Map(p => (p.Left.Key, p.Left.Value ^ p.Right)), (i, n) => i.Select(p => (p.Key, p.Value ^ (p.Value + n)))),
        Elementwise("ZipPartitions", (r, _) => r.ZipPartitions(r.Keys(), (a, b) => a.Zip(b, (p, k) => (k, p.Value))), (i, _) => i),
        Scattered("Distinct", (r, n) => r.Distinct(n), (i, _) => i.Distinct()),
        Scattered("Repartition", (r, n) => r.Repartition(n), (i, _) => i),
        Scattered("PartitionBy", (r, n) => r.PartitionBy(new HashPartitioner<string?>(n)), (i, _) => i),
        Scattered("ReduceByKey", (r, n) => r.ReduceByKey((a, b) => unchecked(a + b), n), (i, _) => Grouped(i, vs => vs.Aggregate((a, b) => unchecked(a + b)))),
        Scattered("ReduceByKey as placed", (r, _) => r.ReduceByKey(Math.Max), (i, _) => Grouped(i, vs => vs.Max())),
        Scattered("GroupByKey", (r, n) => r.GroupByKey(n).MapValues(vs => vs.Count), (i, _) => Grouped(i, vs => vs.Count())),
        Scattered("AggregateByKey", (r, _) => r.AggregateByKey(0, (a, v) => a ^ v, (a, b) => a ^ b), (i, _) => Grouped(i, vs => vs.Aggregate(0, (a, v) => a ^ v))),
        Scattered("Join", (r, n) => r.Join(r.ReduceByKey(Math.Min, n)).MapValues(v => v.Left ^ v.Right), (i, _) => i.Join(Grouped(i, vs => vs.Min()), Whole, Whole, (p, q) => (p.Key, p.Value ^ q.Value))),
        Scattered(
            "LeftOuterJoin", (r, n) => r.LeftOuterJoin(r.Filter(p => p.Value > n).ReduceByKey(Math.Min)).MapValues(v => v.Left + v.Right.GetValueOrDefault(n)),
            (i, n) => i.GroupJoin(Grouped(i.Where(p => p.Value > n), vs => vs.Min()), Whole, Whole, (p, q) => (p.Key, p.Value + q.Select(x => x.Value).DefaultIfEmpty(n).First()))),
        Scattered(
            "Cogroup", (r, n) => r.Cogroup(r.Filter(p => p.Value % 2 == 0), n).MapValues(v => v.Left.Count - v.Right.Count),
            (i, _) => Grouped(i, vs => vs.Count(v => v % 2 != 0))),
        Scattered("SubtractByKey", (r, n) => r.SubtractByKey(r.Filter(p => p.Value % 7 == n)), (i, n) => i.Where(p => !i.Any(q => q.Key == p.Key && q.Value % 7 == n))),
        Scattered("Subtract", (r, n) => r.Subtract(r.Filter(p => p.Value % n == 0)), (i, n) => i.Where(p => p.Value % n != 0)),
        Scattered("Intersection", (r, n) => r.Intersection(r.Filter(p => p.Value % n == 0)), (i, n) => i.Where(p => p.Value % n == 0).Distinct()),
        Scattered("Cartesian", (r, n) => r.Cartesian(r.Filter(p => p.Value == n).Distinct()).Map(p => (p.Right.Key, p.Left.Value)), (i, n) => i.SelectMany(_ => i.Where(q => q.Value == n).Distinct(), (p, q) => (q.Key, p.Value))),
        new("SortBy", (p, n) => new(p.Rdd.SortBy(q => (q.Key, q.Value), true, n), [.. p.Items.OrderBy(Text, StringComparer.Ordinal).ThenBy(q => q.Value)], true)),
        new("OrderBy", (p, _) => new(p.Rdd.OrderByDescending(q => q.Value).ThenBy(q => q.Key), [.. p.Items.OrderByDescending(q => q.Value).ThenBy(Text, StringComparer.Ordinal)], true)),
        new("SortByKey", (p, n) => new(p.Rdd.SortByKey(partitions: n), p.Items, false)),
        new("ZipWithIndex", (p, _) => !p.Ordered ? p : p with { Rdd = p.Rdd.ZipWithIndex().Map(q => (q.Value.Key, (int)q.Index)), Items = [.. p.Items.Select((q, i) => (q.Key, i))] }),
    ];

    public override string ToString() => Name;

    private static Step Elementwise(
        string name, Func<Rdd<(string? Key, int Value)>, int, Rdd<(string? Key, int Value)>> declare,
        Func<(string? Key, int Value)[], int, IEnumerable<(string? Key, int Value)>> model) =>
        new(name, (p, n) => new(declare(p.Rdd, n), [.. model(p.Items, n)], p.Ordered));

    private static Step Scattered(
        string name, Func<Rdd<(string? Key, int Value)>, int, Rdd<(string? Key, int Value)>> declare,
        Func<(string? Key, int Value)[], int, IEnumerable<(string? Key, int Value)>> model) =>
        new(name, (p, n) => new(declare(p.Rdd, n), [.. model(p.Items, n)], false));

    private static IEnumerable<(string? Key, int Value)> Grouped(IEnumerable<(string? Key, int Value)> items, Func<IEnumerable<int>, int> result) =>
        items.GroupBy(p => p.Key, p => p.Value).Select(g => (g.Key, result(g)));

    private static string? Text((string? Key, int Value) pair) => pair.Key;

    /// <summary>A key as a value, because LINQ's joins take no null for equal.</summary>
    private static (string?, bool) Whole((string? Key, int Value) pair) => (pair.Key, true);
}
