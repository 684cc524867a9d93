namespace MicroSpark.Bench.Chaos;

/// <summary>Jobs that move each record once.</summary>
internal static class Moved
{
    private const int Partitions = 8;
    private const int Sorted = 150_000;
    private const int Repartitioned = 1_000_000;
    private const int Streamed = 100_000;

    public static async Task<Func<string?>> SortAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var sorted = await round.Spark.Range(0, Sorted, 1, Partitions).Map(n => Numbers.Mix(n ^ salt)).SortBy(static n => n).CollectAsync(round.Stop);
        return () => Numbers.Difference([.. Numbers.To(Sorted).Select(n => Numbers.Mix(n ^ salt)).Order()], sorted);
    }

    /// <summary>None of the million is lost or doubled: their number says so, and two sums say which ones they are.</summary>
    public static async Task<Func<string?>> RepartitionAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var parts = await round.Spark.Range(0, Repartitioned, 1, Partitions).Map(n => n ^ salt).Repartition(Partitions + 1)
            .MapPartitions(static records =>
            {
                var (count, sum, mixed) = (0L, 0L, 0L);
                foreach (var record in records)
                {
                    (count, sum, mixed) = (count + 1, sum + record, mixed ^ Numbers.Mix(record));
                }

                return new[] { (Count: count, Sum: sum, Mixed: mixed) };
            })
            .CollectAsync(round.Stop);
        return () =>
        {
            var (sum, mixed) = (0L, 0L);
            foreach (var record in Numbers.To(Repartitioned).Select(n => n ^ salt))
            {
                (sum, mixed) = (sum + record, mixed ^ Numbers.Mix(record));
            }

            var expected = (Count: (long)Repartitioned, Sum: sum, Mixed: mixed);
            var found = parts.Aggregate((Count: 0L, Sum: 0L, Mixed: 0L), static (a, b) => (a.Count + b.Count, a.Sum + b.Sum, a.Mixed ^ b.Mixed));
            return found == expected ? null : $"count, sum and mix are {found} where {expected} was expected";
        };
    }

    /// <summary>Elements come one after the other, while later partitions are computed.</summary>
    public static async Task<Func<string?>> StreamAsync(ChaosRound round)
    {
        var salt = round.Salt;
        var found = new List<long>();
        await foreach (var number in round.Spark.Range(0, Streamed, 1, Partitions * 2).Map(n => Numbers.Mix(n ^ salt)).AsAsyncEnumerable().WithCancellation(round.Stop))
        {
            found.Add(number);
        }

        return () => Numbers.Difference([.. Numbers.To(Streamed).Select(n => Numbers.Mix(n ^ salt))], found);
    }
}
