using MicroSpark.Tests.Model;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Jobs;

/// <summary>A sample of the model's odd types on worker processes: the same verdicts as in one process.</summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class OddTypeTests(TwoWorkers workers)
{
    /// <summary>Every sixth, so that each kind of type has some.</summary>
    private const int Sample = 6;

    [Fact]
    public async Task An_odd_type_has_the_verdict_of_one_process()
    {
        await using var spark = await workers.ConnectAsync();
        foreach (var (index, type) in OddTypes.All.Index())
        {
            if (index % Sample == 0)
            {
                Assert.Equal($"{type.Name}: {type.Verdict}", $"{type.Name}: {await type.TryAsync(spark, index)}");
                GC.Collect();
            }
        }
    }
}
