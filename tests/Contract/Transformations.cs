namespace MicroSpark.Contract;

/// <summary>Every transformation of an Rdd, by its arguments' names.</summary>
internal static class Transformations
{
    public static async Task About(Rdd<int> rdd, CancellationToken ct)
    {
        string name = rdd.Name;
        Rdd<int> named = rdd.SetName(name: "numbers");
        LineageId lineage = rdd.Lineage;
        int partitions = rdd.NumPartitions;
        StorageLevel level = rdd.StorageLevel;
        string lineageText = rdd.ToDebugString();
        Rdd<int> cached = rdd.Cache();
        Rdd<int> persisted = rdd.Persist(level: StorageLevel.MemoryAndDisk);
        Rdd<int> dropped = await rdd.UnpersistAsync(cancellationToken: ct);
        _ = (name, named, lineage, partitions, level, lineageText, cached, persisted, dropped);
    }

    public static void Elements(Rdd<int> rdd, Rdd<int> other, Rdd<string> words)
    {
        Rdd<string> map = rdd.Map(f: x => $"{x}");
        Rdd<char> flatMap = words.FlatMap(f: w => w.ToCharArray());
        Rdd<int> filter = rdd.Filter(predicate: x => x > 0);
        Rdd<long> partitions = rdd.MapPartitions(f: items => items.Select(i => (long)i), preservesPartitioning: true);
        Rdd<long> indexed = rdd.MapPartitionsWithIndex(f: (p, items) => items.Select(i => (long)i + p), preservesPartitioning: true);
        Rdd<int[]> glom = rdd.Glom();
        Rdd<(string Key, int Value)> keyBy = rdd.KeyBy(key: x => $"{x}");
        Rdd<int> union = rdd.Union(other: other);
        Rdd<int> plus = rdd + other;
        Rdd<object> cast = rdd.Cast<object>();
        Rdd<int> distinct = rdd.Distinct(partitions: 2);
        Rdd<int> intersection = rdd.Intersection(other: other, partitions: 2);
        Rdd<int> subtract = rdd.Subtract(other: other, partitions: 2);
        Rdd<(int Left, string Right)> cartesian = rdd.Cartesian(other: words);
        Rdd<(bool Key, IReadOnlyList<int> Values)> groupBy = rdd.GroupBy(key: x => x > 0, partitions: 2);
        Rdd<int> sortBy = rdd.SortBy(key: x => -x, ascending: false, partitions: 2, comparer: Comparer<int>.Default);
        Rdd<int> repartition = rdd.Repartition(partitions: 3);
        Rdd<int> coalesce = rdd.Coalesce(partitions: 1, shuffle: true);
        Rdd<int> sample = rdd.Sample(withReplacement: false, fraction: 0.5, seed: 1);
        Rdd<int>[] split = rdd.RandomSplit(weights: [1, 2], seed: 1);
        Rdd<string> pipe = words.Pipe(command: "tr", "a", "b");
        Rdd<(int Left, string Right)> zip = rdd.Zip(other: words);
        Rdd<int> zipPartitions = rdd.ZipPartitions(other: words, f: (a, b) => a.Zip(b, (i, s) => i + s.Length), preservesPartitioning: false);
        Rdd<(int Value, long Index)> withIndex = rdd.ZipWithIndex();
        Rdd<(int Value, long Id)> withId = rdd.ZipWithUniqueId();
        _ = (map, flatMap, filter, partitions, indexed, glom, keyBy, union, plus, cast, distinct, intersection, subtract, cartesian);
        _ = (groupBy, sortBy, repartition, coalesce, sample, split, pipe, zip, zipPartitions, withIndex, withId);
    }

    public static void QuerySyntax(Rdd<int> rdd, Rdd<string> words)
    {
        Rdd<int> select = rdd.Select(f: x => x + 1);
        Rdd<int> where = rdd.Where(predicate: x => x > 1);
        Rdd<char> many = words.SelectMany(f: w => w.ToCharArray());
        Rdd<(string, char)> pairs = words.SelectMany(collection: w => w.ToCharArray(), result: (w, c) => (w, c));
        Rdd<(int Key, IReadOnlyList<char> Values)> groups = words.GroupBy(key: w => w.Length, element: w => w[0], partitions: 2);
        OrderedRdd<string> ordered = words.OrderBy(key: w => w.Length).ThenBy(key: w => w);
        OrderedRdd<string> descending = words.OrderByDescending(key: w => w.Length).ThenByDescending(key: w => w);
        Rdd<string> isAnRdd = ordered;
        Rdd<string> join = rdd.Join(inner: words, outerKey: i => i, innerKey: w => w.Length, result: (i, w) => $"{i}{w}");
        Rdd<int> groupJoin = rdd.GroupJoin(inner: words, outerKey: i => i, innerKey: w => w.Length, result: (i, ws) => ws.Count);
        Rdd<string> query =
            from int i in rdd
            join w in words on i equals w.Length into matches
            from m in matches
            where m.Length > 0
            orderby m.Length, m descending
            select m;
        Rdd<(int Key, IReadOnlyList<string> Values)> grouped = from w in words group w by w.Length;
        Rdd<string> joined = from i in rdd join w in words on i equals w.Length select w;
        _ = (select, where, many, pairs, groups, descending, isAnRdd, join, groupJoin, query, grouped, joined);
    }
}
