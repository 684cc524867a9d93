using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// What jobs that wait cost the workers and the client, each of which keeps something of every one of them: the job's grain, its record at
/// two keepers, the grains of its shuffle, the plan. It takes minutes, and is measured only when it is asked for.
/// </summary>
internal sealed class SharingMemory(int jobs) : IWorkload
{
    private const int Workers = 2;

    /// <summary>Tasks of a probe: as many that each worker takes one.</summary>
    private const int Probes = 16;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();
    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;
    private int _round;

    public string Name => $"sharing-memory-{jobs}";

    public string Description =>
        $"live memory of {Workers} worker processes with a slot each while {jobs} different jobs with a shuffle wait for slots, and after them";

    public IReadOnlyList<Bound> AtLeast => [Bound.NoFailures, Bound.PeakMegabytes(600)];

    public IReadOnlyList<Bound> Goal => [Bound.NoFailures, Bound.PeakMegabytes(300)];

    public int WarmUps => 1;

    public string Asked => "sharing-memory";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(Workers, slots: 1);
        _spark = await _silos.ConnectAsync();
        return [new Contender(Contender.Ours, RunAsync)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_spark is not null)
        {
            await _spark.DisposeAsync();
        }

        if (_silos is not null)
        {
            await _silos.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<Outcome> RunAsync()
    {
        var spark = _spark!;
        var from = jobs * _round++;
        var (empty, client) = (await LiveAsync(), GC.GetTotalMemory(forceFullCollection: true));

        // In the group of all the jobs: a group that has a slot gets no thread above the slots.
        var gate = _folder.File($"open-{_round}");
        var held = spark.Range(0, Workers, partitions: Workers).Map(n => Hold(gate, n)).CountAsync();
        await UntilAsync(async () => (await spark.WorkersAsync()).All(static worker => worker.SlotsBusy > 0));
        var waiting = Enumerable.Range(0, jobs).Select(job => spark.Range(from + job, from + job + 1000, partitions: 8)
            .Map(static n => (n % 100, 1)).ReduceByKey(static (a, b) => a + b, 2).CountAsync()).ToArray();
        await UntilAsync(async () => (await spark.JobsAsync()).Count(static job => job.IsQueued) >= jobs);
        var (full, clientFull) = (await LiveAsync(), GC.GetTotalMemory(forceFullCollection: true));
        await File.WriteAllTextAsync(gate, "");
        var keys = (await Task.WhenAll(waiting)).Sum();
        await held;
        var after = await LiveAsync();
        return new Outcome(keys.ToString(CultureInfo.InvariantCulture), PeakMegabytes: full.Max() / 1e6)
        {
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"{(full.Sum() - empty.Sum()) / 1e3 / jobs:0.0} KB a waiting job at the workers, {(clientFull - client) / 1e3 / jobs:0.0} KB at the "
                + $"client; live before, with and after them: {empty.Sum() / 1e6:0}, {full.Sum() / 1e6:0}, {after.Sum() / 1e6:0} MB"),
        };
    }

    /// <summary>Bytes that are alive in each worker.</summary>
    private async Task<long[]> LiveAsync()
    {
        while (true)
        {
            using (_spark!.JobGroup("probe"))
            {
                var probes = await _spark.Range(0, Probes, partitions: Probes)
                    .Map(static _ => (Environment.ProcessId, GC.GetTotalMemory(forceFullCollection: true))).CollectAsync();
                var live = probes.GroupBy(static probe => probe.Item1).Select(static of => of.Min(static probe => probe.Item2)).ToArray();
                if (live.Length == Workers)
                {
                    return live;
                }
            }
        }
    }

    private static long Hold(string gate, long n)
    {
        while (!File.Exists(gate))
        {
            Thread.Sleep(20);
        }

        return n;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(s_look);
        }
    }
}
