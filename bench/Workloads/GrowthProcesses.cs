using System.Diagnostics;

namespace MicroSpark.Bench.Workloads;

/// <summary>The same data cut finer on two worker processes, where half of what is shuffled goes from one to the other.</summary>
internal sealed class GrowthProcesses(string job, int partitions) : IWorkload
{
    private const int Few = 4;
    private const int Workers = 2;
    private const string FewPartitions = "4 partitions";

    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;
    private int _round;

    public string Name => $"growth-{job}-{partitions}-processes";

    public string Description =>
        $"{GrowthJobs.Describe(job)} in {partitions} partitions on {Workers} worker processes with a slot each, beside {FewPartitions}";

    public IReadOnlyList<Bound> AtLeast => Goal;

    public IReadOnlyList<Bound> Goal => [Bound.TimesCpu(1.5, FewPartitions)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(Workers, slots: 1);
        _spark = await _silos.ConnectAsync();
        var size = contexts.Settings.Count(GrowthJobs.Size(job));
        return [ContenderOf(Contender.Ours, size, partitions), ContenderOf(FewPartitions, size, Few)];
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
    }

    private Contender ContenderOf(string name, int size, int cut) => new(name, () => RunAsync(size, cut))
    {
        CompilingElsewhere = () => SiloProcesses.CompilingAsync(_spark!, Workers),
    };

    private async Task<Outcome> RunAsync(int size, int cut)
    {
        // A little more each time: what was shuffled before would be found. The answers are those of the sizes, and are not compared.
        var cpu = _silos!.Cpu();
        var started = Stopwatch.GetTimestamp();
        await GrowthJobs.RunAsync(job, _spark!, size + ++_round, cut);
        return new Outcome(job, Stopwatch.GetElapsedTime(started), Cpu: _silos.Cpu() - cpu);
    }
}
