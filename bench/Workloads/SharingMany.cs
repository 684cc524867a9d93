using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>Far more jobs at once than there are slots, of several programs.</summary>
internal sealed class SharingMany : IWorkload
{
    private const int Jobs = 500;
    private const int Clients = 5;

    private readonly List<MicroSparkContext> _contexts = [];
    private SiloProcesses? _silos;
    private int _round;

    public string Name => "sharing-many";

    public string Description => $"{Jobs} different jobs with a shuffle at once, of {Clients} contexts, on two worker processes with a slot each";

    public IReadOnlyList<Bound> AtLeast => [Bound.NoFailures];

    public IReadOnlyList<Bound> Goal => [Bound.NoFailures];

    public int WarmUps => 1;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(count: 2, slots: 1);
        while (_contexts.Count < Clients)
        {
            _contexts.Add(await _silos.ConnectAsync());
        }

        return [new Contender(Contender.Ours, RunAsync)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        if (_silos is not null)
        {
            await _silos.DisposeAsync();
        }
    }

    private async Task<Outcome> RunAsync()
    {
        // Other numbers each time: what was shuffled before would be found.
        var from = Jobs * _round++;
        var keys = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(job => _contexts[job % Clients]
            .Range(from + job, from + job + 1000, partitions: 8).Map(static n => (n % 100, 1)).ReduceByKey(static (a, b) => a + b, 2).CountAsync()));
        return keys.Sum().ToString(CultureInfo.InvariantCulture);
    }
}
