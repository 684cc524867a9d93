namespace MicroSpark.Bench.Chaos;

/// <summary>Jobs that bring together what has the same key.</summary>
internal static class ByKey
{
    private const int Partitions = 8;
    private const int Lines = 4_000;
    private const int Words = 8;
    private const int Vocabulary = 3_000;
    private const int Left = 40_000;
    private const int Right = 10_000;
    private const int Keys = 9_973;
    private const int Pages = 3_000;
    private const int Iterations = 3;

    /// <summary>The text that is counted: <see cref="Lines"/> lines.</summary>
    public static IEnumerable<string> Text() =>
        Numbers.To(Lines).Select(static line => string.Join(' ', Numbers.To(Words).Select(word => $"w{Numbers.Mix((line * Words) + word) % Vocabulary}")));

    public static async Task<Func<string?>> WordCountAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var counts = await round.Spark.TextFile(round.Cluster.TextFile, Partitions)
            .FlatMap(static line => line.Split(' '))
            .Map(word => (Key: $"{word}-{salt}", Value: 1L))
            .ReduceByKey(static (a, b) => a + b)
            .CollectAsync(round.Stop);
        return () => Numbers.DifferenceInSomeOrder(
            Text().SelectMany(static line => line.Split(' ')).GroupBy(word => $"{word}-{salt}").Select(static same => (same.Key, same.LongCount())), counts);
    }

    public static async Task<Func<string?>> JoinAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var left = round.Spark.Range(0, Left, 1, Partitions).Map(n => (Key: Numbers.Mix(n ^ salt) % Keys, Value: n));
        var right = round.Spark.Range(0, Right, 1, Partitions).Map(n => (Key: Numbers.Mix(n + salt) % Keys, Value: -n));
        var joined = await left.Join(right).Map(static pair => (pair.Key, pair.Value.Left, pair.Value.Right)).CollectAsync(round.Stop);
        return () => Numbers.DifferenceInSomeOrder(
            from a in Numbers.To(Left)
            join b in Numbers.To(Right) on Numbers.Mix(a ^ salt) % Keys equals Numbers.Mix(b + salt) % Keys
            select (Numbers.Mix(a ^ salt) % Keys, a, -b),
            joined);
    }

    /// <summary>In whole numbers: sums of doubles depend on their order.</summary>
    public static async Task<Func<string?>> PageRankAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var links = round.Spark.Range(0, Pages, 1, Partitions / 2).Map(page => (Key: page, Value: Targets(page, salt))).Cache();
        var ranks = links.MapValues(static _ => 1_000_000L);
        for (var i = 0; i < Iterations; i++)
        {
            ranks = links.Join(ranks)
                .FlatMap(static page => page.Value.Left.Select(target => (Key: target, Value: page.Value.Right / page.Value.Left.Length)))
                .ReduceByKey(static (a, b) => a + b)
                .MapValues(static sum => 150_000 + (sum * 85 / 100));
        }

        var found = await ranks.CollectAsync(round.Stop);
        await links.UnpersistAsync(round.Stop);
        return () =>
        {
            var expected = Numbers.To(Pages).ToDictionary(static page => page, static _ => 1_000_000L);
            for (var i = 0; i < Iterations; i++)
            {
                expected = expected
                    .SelectMany(page => Targets(page.Key, salt).Select(target => (Target: target, Part: page.Value / Targets(page.Key, salt).Length)))
                    .GroupBy(static part => part.Target, static part => part.Part)
                    .ToDictionary(static page => page.Key, static page => 150_000 + (page.Sum() * 85 / 100));
            }

            return Numbers.DifferenceInSomeOrder(expected.Select(static page => (page.Key, page.Value)), found);
        };
    }

    private static long[] Targets(long page, long salt) => [Numbers.Mix(page ^ salt) % Pages, Numbers.Mix(page + salt) % Pages, (page + 1) % Pages];
}
