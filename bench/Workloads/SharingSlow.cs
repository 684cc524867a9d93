using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>40 tasks on two worker processes, where half of the work is slow: because of the worker, or of where it is in the data.</summary>
internal sealed class SharingSlow(string what) : IWorkload
{
    /// <summary>One worker takes ten times as long for each task.</summary>
    public const string Worker = "worker";

    /// <summary>The first half of the partitions take long, the others no time.</summary>
    public const string Range = "range";

    private const int Tasks = 40;
    private const int Fast = 50;
    private const int Slow = 500;

    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;

    public string Name => $"sharing-slow-{what}";

    public string Description => $"{Tasks} tasks on two worker processes with a slot each, " + (what == Worker
        ? $"which take {Fast} ms on one of them and {Slow} ms on the other"
        : $"of which the first half take {Slow} ms and the others no time");

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1.5, Contender.Ideal)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1.25, Contender.Ideal)];

    public int WarmUps => 1;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(count: 2, slots: 1);
        var spark = _spark = await _silos.ConnectAsync();
        int[] processes;
        do
        {
            processes = [.. (await spark.Range(0, 16, partitions: 16).Map(static _ => At(20)).CollectAsync()).Distinct()];
        }
        while (processes.Length < 2);

        var slow = what == Worker ? processes.Max() : 0;
        var answer = Tasks.ToString(CultureInfo.InvariantCulture);
        return
        [
            new Contender(Contender.Ours, async () =>
            {
                var at = await spark.Range(0, Tasks, partitions: Tasks)
                    .Map(n => At(slow == 0 ? (n < Tasks / 2 ? Slow : 0) : Environment.ProcessId == slow ? Slow : Fast))
                    .CollectAsync();
                var most = at.CountBy(static process => process).Max(static count => count.Value);
                return new Outcome(at.Length.ToString(CultureInfo.InvariantCulture), Note: $"{most} tasks on one worker, {at.Length - most} on the other");
            }),
            Contender.IdealOf(answer, Ideal()),
        ];
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

    // Of whole tasks.
    private TimeSpan Ideal() => TimeSpan.FromMilliseconds(what == Worker
        ? Enumerable.Range(0, Tasks).Min(slow => Math.Max(slow * Slow, (Tasks - slow) * Fast))
        : Tasks / 4 * Slow);

    private static int At(int milliseconds)
    {
        Thread.Sleep(milliseconds);
        return Environment.ProcessId;
    }
}
