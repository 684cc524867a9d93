using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Operators;

/// <summary>
/// Runs an assertion in every shape: 1 and 3 workers, compiled and interpreted, sharing the process and as strangers; 1, 2 and 7 partitions.
/// Half of the shapes run it once more with tasks that are refused all working memory.
/// </summary>
public static class OperatorGrid
{
    public static readonly int[] PartitionCounts = [1, 2, 7];

    public static TheoryData<int, bool, bool> Shapes()
    {
        var shapes = new TheoryData<int, bool, bool>();
        foreach (var workers in new[] { 1, 3 })
        {
            foreach (var fused in new[] { true, false })
            {
                foreach (var simulated in new[] { false, true })
                {
                    shapes.Add(workers, fused, simulated);
                }
            }
        }

        return shapes;
    }

    internal static async Task RunAsync(int workers, bool fused, bool simulated, Func<Bench, Task> test)
    {
        await RunAsync(workers, fused, simulated, starved: false, test);
        if (fused != simulated)
        {
            await RunAsync(workers, fused, simulated, starved: true, test);
        }
    }

    private static async Task RunAsync(int workers, bool fused, bool simulated, bool starved, Func<Bench, Task> test)
    {
        using var runner = new LocalRunner(workers, fused, simulated, starved: starved);
        foreach (var partitions in PartitionCounts)
        {
            await test(new Bench(runner, partitions));
        }
    }
}

/// <summary>One shape: makes RDDs with its partition count.</summary>
internal sealed class Bench(LocalRunner runner, int partitions)
{
    public LocalRunner Runner => runner;

    public int Partitions => partitions;

    public Rdd<T> Of<T>(params IEnumerable<T> items) => Source.Parallelize(runner, items, partitions);

    public Rdd<long> Range(long end) => Source.Range(runner, 0, end, 1, partitions);
}
