using MicroSpark.Actions;
using MicroSpark.Plans;

namespace MicroSpark.Tests.Contexts;

/// <summary>A lost block that comes out different when it is computed again must not be mixed with results of the former one.</summary>
public sealed class NonDeterminismTests
{
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly CountdownEvent s_reached = new(2);

    [Fact]
    public async Task Results_of_the_former_elements_are_never_mixed_with_those_of_others()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(3, o => o.Slots = 1);
        var random = spark.Parallelize(Enumerable.Range(0, 3000), 6).Map(n => (Random.Shared.Next(1_000_000), (long)n)).ReduceByKey((a, b) => a + b, 6);
        var result = random.MapPartitions(p =>
        {
            if (TaskContext.Current!.PartitionIndex % 2 == 1)
            {
                if (!s_reached.IsSet)
                {
                    s_reached.Signal();
                }

                s_gate.Wait();
            }

            return p;
        }).Map(p => p.Item2).CollectAsync();
        await Task.Run(s_reached.Wait);

        // While it stops, its blocks could still be read, and all would be well.
        var shuffle = EncodedPlan.ReadSkeleton(PlanEncoder.Encode(new CountNode<(int, long)>(random.Node)).Bytes).Nodes.Single(n => n.Output == OutputKind.Shuffle);
        spark.Silos!.Silos[1].Engine.Blocks.RemoveAll(shuffle.Lineage);
        await spark.Silos.Silos[1].KillAsync();
        s_gate.Set();
        int? sum = null;
        try
        {
            sum = (int)(await result).Sum();
        }
        catch (JobFailedException)
        {
            // The usual end: results of the former elements were committed, and the job hands out nothing.
        }

        // A sum is there only when the job began again elsewhere; then nothing of the former elements may be in it.
        Assert.Equal(Enumerable.Range(0, 3000).Sum(), sum ?? Enumerable.Range(0, 3000).Sum());
    }
}
