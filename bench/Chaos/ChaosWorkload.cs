namespace MicroSpark.Bench.Chaos;

/// <summary>One run of a workload.</summary>
/// <param name="Number">Rounds count from 1.</param>
/// <param name="Salt">Makes its data, and so all of its outputs, its own: nothing that an earlier round computed is found.</param>
/// <param name="Random">Its own draws.</param>
internal sealed record ChaosRound(ChaosCluster Cluster, MicroSparkContext Spark, int Number, long Salt, Random Random, CancellationToken Stop);

/// <summary>Jobs whose result is known.</summary>
/// <param name="RunAsync">Runs them. What it returns compares the result, out of the time that is measured: null when all is right, else what is wrong.</param>
internal sealed record ChaosWorkload(string Name, Func<ChaosRound, Task<Func<string?>>> RunAsync)
{
    public static IReadOnlyList<ChaosWorkload> All { get; } =
    [
        new("word count", ByKey.WordCountAsync),
        new("join", ByKey.JoinAsync),
        new("sort", Moved.SortAsync),
        new("page rank", ByKey.PageRankAsync),
        new("repartition", Moved.RepartitionAsync),
        new("cached", Kept.CachedAsync),
        new("accumulators", Kept.AccumulatorsAsync),
        new("saved", Kept.SavedAsync),
        new("stream", Moved.StreamAsync),
        new("submitted", Detached.SubmittedAsync),
        new("orphan", Detached.OrphanAsync),
    ];
}
