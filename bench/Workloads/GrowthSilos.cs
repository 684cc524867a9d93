using System.Globalization;

namespace MicroSpark.Bench.Workloads;

/// <summary>Many silos in one process, as a trial of a large cluster starts them: four times as many should take four times as long.</summary>
internal sealed class GrowthSilos : IWorkload
{
    private const int Many = 32;
    private const int Few = 8;
    private const string FewSilos = "8 silos";

    public string Name => "growth-silos";

    public string Description => $"StartLocalAsync with {Many} silos, a count of one partition for each, and their end; beside {FewSilos}";

    public IReadOnlyList<Bound> AtLeast => Goal;

    public IReadOnlyList<Bound> Goal => [Bound.TimesCpu(1.25 * Many / Few, FewSilos)];

    public int WarmUps => 1;

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts) => Task.FromResult<IReadOnlyList<Contender>>(
        [new Contender(Contender.Ours, () => RunAsync(Many)), new Contender(FewSilos, () => RunAsync(Few))]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<Outcome> RunAsync(int silos)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(silos);
        var count = await spark.Range(0, silos, partitions: silos).CountAsync();
        return (count / silos).ToString(CultureInfo.InvariantCulture);
    }
}
