using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>The smallest action on a warm embedded cluster: what a job costs besides its work.</summary>
internal sealed class Count8 : IWorkload
{
    public string Name => "count8";

    public string Description => "CountAsync of 8 small partitions, warm";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(2)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(1)];

    public int CallsPerRun => 50;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var spark = await contexts.CompiledAsync();
        var numbers = spark.Parallelize(Enumerable.Range(0, 800), partitions: 8);
        return [new Contender(Contender.Ours, async () => (await numbers.CountAsync()).ToString(CultureInfo.InvariantCulture))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
