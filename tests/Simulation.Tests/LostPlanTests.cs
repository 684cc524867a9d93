using MicroSpark.Actions;
using MicroSpark.Grains.Contracts;
using MicroSpark.Operators;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using Orleans.Runtime;

namespace MicroSpark.Tests;

/// <summary>
/// All that had what a job needs are lost at once, before anybody else has it, and the cluster takes half a minute to learn of it. The
/// client lives, and puts it again at workers that live as far as it knows. One of thousands of seeds failed such a job after twenty
/// seconds.
/// </summary>
public sealed class LostPlanTests
{
    private const ulong Seeds = 8;

    /// <summary>
    /// Where blobs lie goes by their hash, which is another one for each build of this assembly: with some seeds somebody else has fetched
    /// the plan before it is lost.
    /// </summary>
    /// <param name="large">A plan of more than 64 kB is itself a blob, which grains need too.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_job_outlives_all_that_had_its_plan(bool large)
    {
        var again = 0;
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            Outlives(seed, large, ref again);
        }

        Assert.True(again > 0, "Nothing was put again.");
    }

    private static void Outlives(ulong seed, bool large, ref int again)
    {
        var given = 0;
        FoundTests.Simulated(seed, (world, cluster) =>
        {
            var client = new Client(cluster, "client");
            var table = Enumerable.Range(0, large ? 20_000 : 10).Select(static i => (ulong)i * 0x9E3779B97F4A7C15UL).ToArray();
            var sums = Source.Range(client.Runner, 0, 10, 1, 4).MapPartitions(static items => Work.Take(items, TimeSpan.FromSeconds(1)))
                .Map(x => (x % 3, (long)(table[x] % 100))).ReduceByKey(static (a, b) => a + b, 2);
            long? count = null;
            client.Run(async () => count = await sums.CountAsync().ConfigureAwait(false));
            world.RunUntil(() => cluster.Silos.Any(static s => s.Hosts(typeof(IJobGrain))), TimeSpan.FromSeconds(5));
            foreach (var silo in cluster.Given)
            {
                silo.Crash();
                world.After(TimeSpan.FromSeconds(35), () => cluster.Tell(silo, SiloStatus.Dead));
            }

            world.RunUntil(() => count is not null, TimeSpan.FromSeconds(150));
            given = cluster.Given.Count;
            return world.Broken ?? (count == 3 ? null : $"It counted {count}.");
        });
        again += given < 3 ? 0 : 1;
    }
}
