using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// What a record costs in a large job beside what it costs in a small one: one job over many records, and as many small jobs as make the
/// same records. The ratio of the times is that of the times per record.
/// </summary>
internal sealed class Growth(string job) : IWorkload
{
    public const string Scan = "scan";
    public const string ReduceByKey = "reduceByKey";
    public const string Sort = "sort";

    private const int Jobs = 100;
    private const string SmallJobs = "100 jobs of 1 M";

    private MicroSparkContext? _spark;

    public string Name => $"growth-{job.ToLowerInvariant()}";

    public string Description => $"{job} of 100 M records computed on the way{(job == ReduceByKey ? ", 100 k keys" : "")}, in one job, beside 100 jobs of 1 M";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1.3, SmallJobs)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1.1, SmallJobs)];

    public int WarmUps => 1;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        long small = contexts.Settings.Count(1_000_000);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () => Text(await RunAsync(0, Jobs * small))) { Before = RenewAsync },
            new Contender(SmallJobs, async () =>
            {
                long total = 0;
                for (var i = 0; i < Jobs; i++)
                {
                    total += await RunAsync(i * small, (i + 1) * small);
                }

                return Text(total);
            })
            {
                Before = RenewAsync,
            },
        ]);

        async Task RenewAsync() => _spark = await contexts.RenewAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A sum over what comes out of the job: it is the same however the records are divided among jobs.
    private Task<long> RunAsync(long start, long end)
    {
        var records = _spark!.Range(start, end);
        return job switch
        {
            Scan => records.Map(i => SpillJobs.Scramble(i)).Filter(x => (x & 7) != 0).Map(x => x & 0xFFFF).SumAsync(),
            ReduceByKey => records.Map(i => (Key: (int)(SpillJobs.Scramble(i) & 0x7FFF_FFFF) % 100_000, Value: i & 0xFF))
                .ReduceByKey((a, b) => a + b).Values().SumAsync(),
            _ => records.Map(i => SpillJobs.Scramble(i)).SortBy(x => x).Map(x => x & 0xFFFF).SumAsync(),
        };
    }

    private static string Text(long total) => total.ToString(CultureInfo.InvariantCulture);
}
