using MicroSpark.Tests.Model;
using static MicroSpark.Tests.Model.Operation;

namespace MicroSpark.Tests.Model;

/// <summary>Transformations of elements without a key.</summary>
internal static class ElementOperations
{
    public static IEnumerable<Operation> Table =>
    [
        Layout("Map(f)", r => r.Words.Map(w => w + "!"), m => Each(m.Words, p => p.Select(w => w + "!"))),
        Layout("Select(f)", r => r.Numbers.Select(n => (n, n * 2L)), m => Each(m.Numbers, p => p.Select(n => (n, n * 2L)))),
        Layout("FlatMap(f)", r => r.Numbers.FlatMap(n => Enumerable.Repeat(n, Math.Abs(n) % 4)), m => Each(m.Numbers, p => p.SelectMany(n => Enumerable.Repeat(n, Math.Abs(n) % 4)))),
        Layout("FlatMap(f): of letters", r => r.Words.FlatMap(w => w ?? "none"), m => Each(m.Words, p => p.SelectMany(w => w ?? "none"))),
        Layout("SelectMany(f)", r => r.Words.SelectMany(w => new[] { w, null }), m => Each(m.Words, p => p.SelectMany(w => new[] { w, null }))),
        Layout(
            "SelectMany(collection, result)", r => r.Words.SelectMany(w => (w ?? "").ToCharArray(), (w, c) => w + c),
            m => Each(m.Words, p => p.SelectMany(w => (w ?? "").ToCharArray(), (w, c) => w + c))),
        Layout("Filter(predicate)", r => r.Words.Filter(w => w != "a"), m => Each(m.Words, p => p.Where(w => w != "a"))),
        Layout("Where(predicate)", r => r.Numbers.Where(n => n > 0), m => Each(m.Numbers, p => p.Where(n => n > 0))),
        Layout(
            "Where(predicate): in a chain", r => from n in r.Numbers where n % 2 == 0 let half = n / 2 where half != 3 from sign in new[] { 1, -1 } select half * sign,
            m => Each(m.Numbers, p => from n in p where n % 2 == 0 let half = n / 2 where half != 3 from sign in new[] { 1, -1 } select half * sign)),
        Layout("MapPartitions(f, preservesPartitioning)", r => r.Words.MapPartitions(p => p.Reverse().Append("end")), m => Each(m.Words, p => p.Reverse().Append("end"))),
        Layout(
            "MapPartitionsWithIndex(f, preservesPartitioning)", r => r.Words.MapPartitionsWithIndex((i, p) => p.Skip(1).Select(w => (i, w))),
            m => m.Words.Select((p, i) => p.Skip(1).Select(w => (i, w)))),
        Layout("Barrier.MapPartitions(f, preservesPartitioning)", r => r.Numbers.Barrier().MapPartitions(p => p.Take(2)), m => Each(m.Numbers, p => p.Take(2))),
        Layout(
            "Barrier.MapPartitionsWithIndex(f, preservesPartitioning)", r => r.Numbers.Barrier().MapPartitionsWithIndex((i, p) => p.Select(n => n + i)),
            m => m.Numbers.Select((p, i) => p.Select(n => n + i))),
        Layout("Barrier()", r => r.Numbers.Map(n => n + 1).Barrier().MapPartitions(p => p), m => Each(m.Numbers, p => p.Select(n => n + 1))),
        Layout("Glom()", r => r.Words.Glom(), m => m.Words.Select(p => new[] { p })),
        Layout("KeyBy(key)", r => r.Words.KeyBy(w => w?.Length), m => Each(m.Words, p => p.Select(w => (w?.Length, w)))),
        Layout("Cast()", r => r.Words.Cast<object?>(), m => Each(m.Words, p => p.Cast<object?>())),
        Layout("Union(other)", r => r.Words.Union(r.Others), m => m.Words.Concat(m.Others)),
        Layout("operator +(left, right)", r => r.Words + r.Others + r.Words, m => m.Words.Concat(m.Others).Concat(m.Words)),
        Layout("Coalesce(partitions, shuffle)", r => r.Words.Coalesce(r.Input.Count), m => Merged(m.Words, m.Count)),
        Bag("Coalesce(partitions, shuffle): shuffled", r => r.Words.Coalesce(r.Input.Count, shuffle: true), m => All(m.Words), m => m.Count),
        Bag("Repartition(partitions)", r => r.Words.Repartition(r.Input.Count), m => All(m.Words), m => m.Count),
        Value(
            "Repartition(partitions): is even",
            async r =>
            {
                var sizes = (await r.Numbers.Repartition(r.Input.Count).Glom().CollectAsync()).Select(p => p.Length).ToArray();
                return sizes.Max() - sizes.Min() <= r.Input.Numbers.Length;
            },
            _ => true),
        Bag("Distinct(partitions)", r => r.Words.Distinct(r.Given), m => All(m.Words).Distinct(), m => m.OrLargest(m.Words.Length)),
        Bag("Intersection(other, partitions)", r => r.Words.Intersection(r.Others, r.Given), m => All(m.Words).Intersect(All(m.Others)), m => m.OrLargest(m.Words.Length, m.Others.Length)),
        Bag(
            "Subtract(other, partitions)", r => r.Words.Subtract(r.Others, r.Given), m => All(m.Words).Where(w => !All(m.Others).Contains(w)),
            m => m.OrLargest(m.Words.Length)),
        Layout(
            "Cartesian(other)", r => r.Words.Cartesian(r.Numbers),
            m => m.Words.SelectMany(left => m.Numbers.Select(right => left.SelectMany(w => right.Select(n => (w, n)))))),
        Bag(
            "GroupBy(key, partitions)", r => r.Words.GroupBy(w => w?.Length, r.Given),
            m => All(m.Words).GroupBy(w => w?.Length).Select(g => (g.Key, g.ToArray())), m => m.OrLargest(m.Words.Length)),
        Bag(
            "GroupBy(key, element, partitions)", r => r.Words.GroupBy(w => w == "a", w => w + "!", r.Given),
            m => All(m.Words).GroupBy(w => w == "a", w => w + "!").Select(g => (g.Key, g.ToArray())), m => m.OrLargest(m.Words.Length)),
        Sequence(
            "SortBy(key, ascending, partitions, comparer)", r => r.Words.SortBy(w => w, partitions: r.Given), m => All(m.Words).Order(StringComparer.Ordinal),
            m => m.OrLargest(m.Words.Length)),
        Sequence(
            "SortBy(key, ascending, partitions, comparer): down", r => r.Numbers.SortBy(n => (n % 5, n), ascending: false, r.Given),
            m => All(m.Numbers).OrderByDescending(n => (n % 5, n)), m => m.OrLargest(m.Numbers.Length)),
        Sequence(
            "SortBy(key, ascending, partitions, comparer): by a comparer",
            r => r.Words.SortBy(w => w, true, r.Given, StringComparer.OrdinalIgnoreCase!).Map(w => w?.ToUpperInvariant()),
            m => All(m.Words).Select(w => w?.ToUpperInvariant()).Order(StringComparer.Ordinal), m => m.OrLargest(m.Words.Length)),
        Sequence("OrderBy(key)", r => r.Numbers.OrderBy(n => n), m => All(m.Numbers).OrderBy(n => n), m => m.Numbers.Length),
        Sequence("OrderByDescending(key)", r => r.Numbers.OrderByDescending(n => n), m => All(m.Numbers).OrderDescending(), m => m.Numbers.Length),
        Sequence(
            "OrderedRdd.ThenBy(key)", r => from p in r.Pairs orderby p.Key, p.Value select p,
            m => All(m.Pairs).OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Value), m => m.Pairs.Length),
        Sequence(
            "OrderedRdd.ThenByDescending(key)", r => from p in r.Pairs orderby p.Key descending, p.Value descending select p,
            m => All(m.Pairs).OrderByDescending(p => p.Key, StringComparer.Ordinal).ThenByDescending(p => p.Value), m => m.Pairs.Length),
        Layout("Zip(other)", r => r.Words.Zip(r.Words.Map(w => w?.Length)), m => Each(m.Words, p => p.Select(w => (w, w?.Length)))),
        Value(
            "Zip(other): of what differs", async r => (await r.Words.Zip(r.Numbers).CollectAsync()).Select(p => (p.Left, p.Right)),
            m => m.Words.Length != m.Numbers.Length ? throw new ArgumentException("counts")
                : m.Words.Zip(m.Numbers).Any(p => p.First.Length != p.Second.Length) ? throw new JobFailedException("lengths", new InvalidOperationException())
                : All(m.Words).Zip(All(m.Numbers))),
        Layout(
            "ZipPartitions(other, f, preservesPartitioning)", r => r.Words.ZipPartitions(r.Words.Map(w => 1), (a, b) => a.Take(3).Append($"{b.Sum()}")),
            m => Each(m.Words, p => p.Take(3).Append($"{p.Length}"))),
        Layout(
            "ZipPartitions(second, third, f, preservesPartitioning)",
            r => r.Words.ZipPartitions(r.Words.Filter(w => w == "a"), r.Words.Glom(), (a, b, c) => new[] { (a.Count(), b.Count(), c.Single().Length) }),
            m => Each(m.Words, p => new[] { (p.Length, p.Count(w => w == "a"), p.Length) })),
        Layout(
            "ZipWithIndex()", r => r.Words.ZipWithIndex(),
            m => m.Words.Select((p, i) => p.Select((w, k) => (w, m.Words.Take(i).Sum(before => (long)before.Length) + k)))),
        Layout("ZipWithUniqueId()", r => r.Words.ZipWithUniqueId(), m => m.Words.Select((p, i) => p.Select((w, k) => (w, (long)i + ((long)k * m.Words.Length))))),
        Layout("Pipe(command, arguments)", r => r.Numbers.Map(n => $"{n}").Pipe("sed", "s/7/seven/"), m => Each(m.Numbers, p => p.Select(n => new System.Text.RegularExpressions.Regex("7").Replace($"{n}", "seven", 1)))),
        Layout("Sample(withReplacement, fraction, seed)", r => r.Words.Sample(false, 1, r.Input.Seed), m => m.Words),
        Value(
            "Sample(withReplacement, fraction, seed): of a half",
            async r =>
            {
                var half = await r.Words.ZipWithIndex().Sample(false, 0.5, r.Input.Seed).CollectAsync();
                var again = await r.Words.ZipWithIndex().Sample(false, 0.5, r.Input.Seed).CollectAsync();
                return half.SequenceEqual(again) && half.Select(p => p.Index).SequenceEqual(half.Select(p => p.Index).Distinct().Order());
            },
            _ => true),
        Value(
            "Sample(withReplacement, fraction, seed): with replacement",
            async r =>
            {
                var drawn = await r.Words.ZipWithIndex().Sample(true, 1.5, r.Input.Seed).CollectAsync();
                return drawn.Select(p => p.Index).SequenceEqual(drawn.Select(p => p.Index).Order()) && (await r.Words.Sample(true, 0).CountAsync()) == 0;
            },
            _ => true),
        Value(
            "RandomSplit(weights, seed)",
            async r =>
            {
                var parts = r.Words.ZipWithIndex().RandomSplit([1, 0, 2.5], r.Input.Seed);
                var all = (await r.Spark.Union(parts).CollectAsync()).OrderBy(p => p.Index).Select(p => p.Value);
                return (all, await parts[1].CountAsync());
            },
            m => (All(m.Words), 0L)),
        Layout("Cache()", r => r.Words.Map(w => w + "!").Cache().Map(w => w), m => Each(m.Words, p => p.Select(w => w + "!"))),
        Layout("Persist(level)", r => r.Pairs.MapValues(v => v * 2).Persist(Level(r.Input.Count)).Filter(p => p.Value > 0), m => Each(m.Pairs, p => p.Select(q => (q.Key, q.Value * 2)).Where(q => q.Item2 > 0))),
        Layout("LocalCheckpoint()", r => r.Words.Map(w => w + "?").LocalCheckpoint(), m => Each(m.Words, p => p.Select(w => w + "?"))),
        Value(
            "UnpersistAsync(cancellationToken)",
            async r =>
            {
                var kept = r.Words.Distinct().Persist(Level(r.Input.Count));
                var before = await kept.CountAsync();
                return before == await (await kept.UnpersistAsync()).CountAsync() && kept.StorageLevel == StorageLevel.None;
            },
            _ => true),
    ];

    /// <summary>All elements, in order.</summary>
    public static IEnumerable<T> All<T>(T[][] parts) => parts.SelectMany(part => part);

    private static IEnumerable<IEnumerable<U>> Each<T, U>(T[][] parts, Func<T[], IEnumerable<U>> f) => parts.Select(f);

    private static IEnumerable<IEnumerable<T>> Merged<T>(T[][] parts, int count)
    {
        var n = Math.Min(count, parts.Length);
        return Enumerable.Range(0, n).Select(i => All(parts[(i * parts.Length / n)..((i + 1) * parts.Length / n)]));
    }

    private static StorageLevel Level(int n) => (n % 6) switch
    {
        0 => StorageLevel.MemoryOnly,
        1 => StorageLevel.MemoryOnlySerialized,
        2 => StorageLevel.MemoryAndDisk,
        3 => StorageLevel.MemoryAndDiskSerialized,
        4 => StorageLevel.DiskOnly,
        _ => StorageLevel.DiskOnly2,
    };
}
