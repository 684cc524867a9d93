using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>A small job that is another one each time: its plan is made, named, shipped and compiled anew.</summary>
internal sealed class UnseenPlan : IWorkload
{
    private int _call;

    public string Name => "unseen-plan";

    public string Description => "SumAsync of a Map with another captured value each time, 1,000 elements in 8 partitions, warm";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(1.1)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(0.4)];

    public int CallsPerRun => 50;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var spark = await contexts.CompiledAsync();
        var numbers = spark.Parallelize(Enumerable.Range(0, 1000), partitions: 8);
        return [new Contender(Contender.Ours, async () =>
        {
            var added = ++_call;
            return ((await numbers.Map(number => number + added).SumAsync()) - (1000L * added)).ToString(CultureInfo.InvariantCulture);
        })];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
