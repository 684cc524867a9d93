namespace MicroSpark.Contract;

/// <summary>Every transformation of an Rdd, by its arguments' names.</summary>
internal static class Transformations
{
    public static async Task About(Rdd<int> rdd, CancellationToken ct)
    {
        var name = rdd.Name;
        var named = rdd.SetName(name: "numbers");
        var lineage = rdd.Lineage;
        var partitions = rdd.NumPartitions;
        var level = rdd.StorageLevel;
        var lineageText = rdd.ToDebugString();
        var cached = rdd.Cache();
        var persisted = rdd.Persist(level: StorageLevel.MemoryAndDisk);
        var dropped = await rdd.UnpersistAsync(cancellationToken: ct);
        _ = (name, named, lineage, partitions, level, lineageText, cached, persisted, dropped);
    }

    public static void Elements(Rdd<int> rdd, Rdd<int> other, Rdd<string> words)
    {
        var map = rdd.Map(f: x => $"{x}");
        var flatMap = words.FlatMap(f: w => w.ToCharArray());
        var filter = rdd.Filter(predicate: x => x > 0);
        var partitions = rdd.MapPartitions(f: items => items.Select(i => (long)i), preservesPartitioning: true);
        var indexed = rdd.MapPartitionsWithIndex(f: (p, items) => items.Select(i => (long)i + p), preservesPartitioning: true);
        var glom = rdd.Glom();
        var keyBy = rdd.KeyBy(key: x => $"{x}");
        var union = rdd.Union(other: other);
        var plus = rdd + other;
        var cast = rdd.Cast<object>();
        var distinct = rdd.Distinct(partitions: 2);
        var intersection = rdd.Intersection(other: other, partitions: 2);
        var subtract = rdd.Subtract(other: other, partitions: 2);
        var cartesian = rdd.Cartesian(other: words);
        var groupBy = rdd.GroupBy(key: x => x > 0, partitions: 2);
        var sortBy = rdd.SortBy(key: x => -x, ascending: false, partitions: 2, comparer: Comparer<int>.Default);
        var repartition = rdd.Repartition(partitions: 3);
        var coalesce = rdd.Coalesce(partitions: 1, shuffle: true);
        var sample = rdd.Sample(withReplacement: false, fraction: 0.5, seed: 1);
        var split = rdd.RandomSplit(weights: [1, 2], seed: 1);
        var pipe = words.Pipe(command: "tr", "a", "b");
        var zip = rdd.Zip(other: words);
        var zipPartitions = rdd.ZipPartitions(other: words, f: (a, b) => a.Zip(b, (i, s) => i + s.Length), preservesPartitioning: false);
        var withIndex = rdd.ZipWithIndex();
        var withId = rdd.ZipWithUniqueId();
        _ = (map, flatMap, filter, partitions, indexed, glom, keyBy, union, plus, cast, distinct, intersection, subtract, cartesian);
        _ = (groupBy, sortBy, repartition, coalesce, sample, split, pipe, zip, zipPartitions, withIndex, withId);
    }

    public static void QuerySyntax(Rdd<int> rdd, Rdd<string> words)
    {
        var select = rdd.Select(f: x => x + 1);
        var where = rdd.Where(predicate: x => x > 1);
        var many = words.SelectMany(f: w => w.ToCharArray());
        Rdd<(string, char)> pairs = words.SelectMany(collection: w => w.ToCharArray(), result: (w, c) => (w, c));
        var groups = words.GroupBy(key: w => w.Length, element: w => w[0], partitions: 2);
        var ordered = words.OrderBy(key: w => w.Length).ThenBy(key: w => w);
        var descending = words.OrderByDescending(key: w => w.Length).ThenByDescending(key: w => w);
        Rdd<string> isAnRdd = ordered;
        var join = rdd.Join(inner: words, outerKey: i => i, innerKey: w => w.Length, result: (i, w) => $"{i}{w}");
        var groupJoin = rdd.GroupJoin(inner: words, outerKey: i => i, innerKey: w => w.Length, result: (i, ws) => ws.Count);
        var query =
            from int i in rdd
            join w in words on i equals w.Length into matches
            from m in matches
            where m.Length > 0
            orderby m.Length, m descending
            select m;
        var grouped = from w in words group w by w.Length;
        var joined = from i in rdd join w in words on i equals w.Length select w;
        _ = (select, where, many, pairs, groups, descending, isAnRdd, join, groupJoin, query, grouped, joined);
    }
}
