using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>The smallest action on two worker processes: what a job costs when every message leaves its process.</summary>
internal sealed class Count8Processes : IWorkload
{
    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;

    public string Name => "count8-processes";

    public string Description => "CountAsync of 8 small partitions on two worker processes with a slot each, warm, from a third process";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(5)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(3)];

    public int CallsPerRun => 50;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(count: 2, slots: 1);
        _spark = await _silos.ConnectAsync();
        var numbers = _spark.Parallelize(Enumerable.Range(0, 800), partitions: 8);
        return [new Contender(Contender.Ours, async () => (await numbers.CountAsync()).ToString(CultureInfo.InvariantCulture))];
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
}
