namespace MicroSpark.Contract;

/// <summary>Every operation on pairs, by its arguments' names, with both ways to say where the result's pairs go.</summary>
internal static class Pairs
{
    public static void Values(Rdd<(string Key, int Value)> rdd)
    {
        var partitioner = rdd.Partitioner();
        var mapValues = rdd.MapValues(f: v => (long)v);
        var flatMapValues = rdd.FlatMapValues(f: v => $"{v}".ToCharArray());
        var keys = rdd.Keys();
        var values = rdd.Values();
        var range = rdd.FilterByRange(lower: "a", upper: "b");
        _ = (partitioner, mapValues, flatMapValues, keys, values, range);
    }

    public static void ByKey(Rdd<(string Key, int Value)> rdd, Partitioner<string> partitioner)
    {
        Rdd<(string Key, int Value)>[] reduced = [rdd.ReduceByKey(f: (a, b) => a + b, partitions: 2), rdd.ReduceByKey(f: (a, b) => a + b, partitioner: partitioner)];
        Rdd<(string Key, IReadOnlyList<int> Values)>[] grouped = [rdd.GroupByKey(partitions: 2), rdd.GroupByKey(partitioner: partitioner)];
        Rdd<(string Key, long Value)>[] aggregated =
        [
            rdd.AggregateByKey(zero: 0L, add: (a, v) => a + v, merge: (a, b) => a + b, partitions: 2),
            rdd.AggregateByKey(zero: 0L, add: (a, v) => a + v, merge: (a, b) => a + b, partitioner: partitioner),
        ];
        Rdd<(string Key, int Value)>[] folded =
            [rdd.FoldByKey(zero: 0, f: (a, b) => a + b, partitions: 2), rdd.FoldByKey(zero: 0, f: (a, b) => a + b, partitioner: partitioner)];
        Rdd<(string Key, long Value)>[] combined =
        [
            rdd.CombineByKey(create: v => (long)v, add: (c, v) => c + v, merge: (a, b) => a + b, partitions: 2),
            rdd.CombineByKey(create: v => (long)v, add: (c, v) => c + v, merge: (a, b) => a + b, partitioner: partitioner),
        ];
        var placed = rdd.PartitionBy(partitioner: partitioner);
        var sortedWithin =
            rdd.RepartitionAndSortWithinPartitions(partitioner: partitioner, ascending: false, comparer: StringComparer.Ordinal);
        var sorted = rdd.SortByKey(ascending: false, partitions: 2, comparer: StringComparer.Ordinal);
        Dictionary<string, double> fractions = [];
        var sample = rdd.SampleByKey(withReplacement: false, fractions: fractions, seed: 1);
        var exact = rdd.SampleByKeyExact(withReplacement: false, fractions: fractions, seed: 1);
        Rdd<(string Key, long Value)>[] distinct =
        [
            rdd.CountApproxDistinctByKey(relativeStandardDeviation: 0.1, partitions: 2),
            rdd.CountApproxDistinctByKey(relativeStandardDeviation: 0.1, partitioner: partitioner),
        ];
        _ = (reduced, grouped, aggregated, folded, combined, placed, sortedWithin, sorted, sample, exact, distinct);
    }

    public static void Together(Rdd<(string Key, int Value)> rdd, Rdd<(string Key, bool Value)> other, Rdd<(string Key, char Value)> third, Partitioner<string> partitioner)
    {
        Rdd<(string Key, (int Left, bool Right) Value)>[] inner = [rdd.Join(other: other, partitions: 2), rdd.Join(other: other, partitioner: partitioner)];
        Rdd<(string Key, (int Left, Optional<bool> Right) Value)>[] left =
            [rdd.LeftOuterJoin(other: other, partitions: 2), rdd.LeftOuterJoin(other: other, partitioner: partitioner)];
        Rdd<(string Key, (Optional<int> Left, bool Right) Value)>[] right =
            [rdd.RightOuterJoin(other: other, partitions: 2), rdd.RightOuterJoin(other: other, partitioner: partitioner)];
        Rdd<(string Key, (Optional<int> Left, Optional<bool> Right) Value)>[] full =
            [rdd.FullOuterJoin(other: other, partitions: 2), rdd.FullOuterJoin(other: other, partitioner: partitioner)];
        Rdd<(string Key, (IReadOnlyList<int> Left, IReadOnlyList<bool> Right) Value)>[] two =
            [rdd.Cogroup(other: other, partitions: 2), rdd.Cogroup(other: other, partitioner: partitioner)];
        Rdd<(string Key, (IReadOnlyList<int> First, IReadOnlyList<bool> Second, IReadOnlyList<char> Third) Value)>[] three =
            [rdd.Cogroup(other, third, partitions: 2), rdd.Cogroup(other, third, partitioner: partitioner)];
        Rdd<(string Key, (IReadOnlyList<int> First, IReadOnlyList<bool> Second, IReadOnlyList<char> Third, IReadOnlyList<int> Fourth) Value)>[] four =
            [rdd.Cogroup(other, third, rdd, partitions: 2), rdd.Cogroup(other, third, rdd, partitioner: partitioner)];
        Rdd<(string Key, int Value)>[] subtracted = [rdd.SubtractByKey(other: other, partitions: 2), rdd.SubtractByKey(other: other, partitioner: partitioner)];
        _ = (inner, left, right, full, two, three, four, subtracted);
    }

    public static async Task Bring(Rdd<(string Key, int Value)> rdd, TimeSpan timeout, CancellationToken ct)
    {
        var counts = await rdd.CountByKeyAsync(cancellationToken: ct);
        var map = await rdd.CollectAsMapAsync(cancellationToken: ct);
        var reduced = await rdd.ReduceByKeyLocallyAsync(f: (a, b) => a + b, cancellationToken: ct);
        var found = await rdd.LookupAsync(key: "a", cancellationToken: ct);
        var approx = await rdd.CountByKeyApproxAsync(timeout: timeout, confidence: 0.9, cancellationToken: ct);
        _ = (counts, map, reduced, found, approx);
    }
}
