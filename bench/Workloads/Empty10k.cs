using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>Ten thousand tasks with nothing to do: what a task costs.</summary>
internal sealed class Empty10k : IWorkload
{
    private const int Partitions = 10_000;

    public string Name => "empty10k";

    public string Description => $"CountAsync of {Partitions:N0} empty partitions";

    public IReadOnlyList<Bound> AtLeast => [Bound.Milliseconds(1000)];

    public IReadOnlyList<Bound> Goal => [Bound.Milliseconds(300)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var spark = await contexts.CompiledAsync();
        var nothing = spark.Parallelize<int>([], Partitions);
        return [new Contender(Contender.Ours, async () => (await nothing.CountAsync()).ToString(CultureInfo.InvariantCulture))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
