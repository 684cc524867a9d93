using System.Globalization;

namespace MicroSpark.Bench.Chaos;

/// <summary>Jobs that leave something: persisted partitions, accumulators, files.</summary>
internal static class Kept
{
    private const int Partitions = 8;
    private const int Cached = 30_000;
    private const int Looks = 3;
    private const int Added = 80_000;
    private const int Saved = 40_000;

    private static readonly StorageLevel[] s_levels =
        [StorageLevel.MemoryOnly, StorageLevel.DiskOnly, StorageLevel.MemoryAndDisk, StorageLevel.MemoryOnly2, StorageLevel.MemoryOnlySerialized];

    /// <summary>Computed once and read again and again, with its content each time.</summary>
    public static async Task<Func<string?>> CachedAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var level = s_levels[round.Random.Next(s_levels.Length)];
        var kept = round.Spark.Range(0, Cached, 1, Partitions).Map(n => $"{Numbers.Mix(n ^ salt):x}").Persist(level);
        var counts = new List<long> { await kept.CountAsync(round.Stop) };
        var contents = new List<string[]>();
        for (var i = 0; i < Looks; i++)
        {
            contents.Add(await kept.CollectAsync(round.Stop));
            counts.Add(await kept.Map(text => $"{text}{i}").Distinct().CountAsync(round.Stop));
        }

        await kept.UnpersistAsync(round.Stop);
        return () =>
        {
            string[] expected = [.. Numbers.To(Cached).Select(n => $"{Numbers.Mix(n ^ salt):x}")];
            var different = contents.Select(content => Numbers.Difference(expected, content)).FirstOrDefault(static found => found is not null);
            var wrong = counts.FindIndex(static count => count != Cached);
            return different is not null ? $"{level}: {different}" : wrong >= 0 ? $"{level}: count {wrong} is {counts[wrong]} where {Cached} was expected" : null;
        };
    }

    /// <summary>Of the last stage, which are exact.</summary>
    public static async Task<Func<string?>> AccumulatorsAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var sum = round.Spark.LongAccumulator();
        var seen = round.Spark.CollectionAccumulator<long>();
        await round.Spark.Range(0, Added, 1, Partitions * 2).Map(n => (Key: n % 1_009, Value: n ^ salt)).ReduceByKey(static (a, b) => a + b, Partitions)
            .ForeachAsync(
                pair =>
                {
                    sum.Add(pair.Value);
                    seen.Add(pair.Key);
                },
                round.Stop);
        var (total, count, keys) = (sum.Sum, sum.Count, seen.Value);
        return () =>
        {
            var expected = Numbers.To(Added).Select(n => (Key: n % 1_009, Value: n ^ salt)).GroupBy(static n => n.Key, static n => n.Value).ToArray();
            return (total, count) != (expected.Sum(static same => same.Sum()), expected.Length)
                ? $"sum and count are {total}, {count} where {expected.Sum(static same => same.Sum())}, {expected.Length} were expected"
                : Numbers.DifferenceInSomeOrder(expected.Select(static same => same.Key), keys);
        };
    }

    /// <summary>Each part committed once, and nothing else in the folder.</summary>
    public static async Task<Func<string?>> SavedAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var folder = Path.Join(round.Cluster.Folder, $"saved-{round.Number}-{salt}");
        await round.Spark.Range(0, Saved, 1, Partitions).Map(n => n ^ salt).SaveAsTextFileAsync(folder, cancellationToken: round.Stop);
        return () =>
        {
            string[] names = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(static entry => entry.Name).Order(StringComparer.Ordinal)];
            string[] parts = [.. Enumerable.Range(0, Partitions).Select(static part => $"part-{part:00000}")];
            var lines = parts.Where(names.Contains).SelectMany(part => File.ReadAllLines(Path.Join(folder, part))).ToArray();
            Directory.Delete(folder, recursive: true);
            return Numbers.Difference(["_SUCCESS", .. parts], names)
                ?? Numbers.Difference([.. Numbers.To(Saved).Select(n => (n ^ salt).ToString(CultureInfo.InvariantCulture))], lines);
        };
    }
}
