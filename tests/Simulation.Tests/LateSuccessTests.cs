using MicroSpark.Actions;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using MicroSpark.Tasks;
using Orleans.Runtime;

namespace MicroSpark.Tests;

/// <summary>
/// A worker reports a success, the verdict on its silo follows at once, and the report reaches the grain of the output after the verdict.
/// The block was written down as a place: readers missed it, and reported it. About one of ten thousand seeds.
/// </summary>
public sealed class LateSuccessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void What_a_worker_reported_just_before_its_verdict_is_no_place(ulong seed) => FoundTests.Simulated(seed, (world, cluster) =>
    {
        new Laws(world).Hold(cluster);
        var laws = cluster.Ran;
        var client = new Client(cluster, "client");
        var told = false;
        cluster.Ran = (silo, call, grain, response) =>
        {
            laws(silo, call, grain, response);
            if (told || response.Result is not ReportPage { Reports: { } reports } || reports.All(static r => r.End != TaskEnd.Succeeded)
                || grain is not IWorkerGrain || silo.Hosts(typeof(IRddGrain)) || silo.Hosts(typeof(IJobGrain)))
            {
                return;
            }

            // By then its report waits, where the tasks are handed out, for company.
            told = true;
            world.After(TimeSpan.FromMilliseconds(2), () =>
            {
                cluster.Tell(silo, SiloStatus.Dead);
                foreach (var other in cluster.Living.Where(s => s != silo))
                {
                    other.Call(other.ReadMembers);
                }
            });
        };
        (long Key, long Sum)[]? result = null;
        var sums = Source.Range(client.Runner, 0, 16, 1, 16).MapPartitions(static items => Work.Take(items, TimeSpan.FromSeconds(2)))
            .Map(static x => (x % 2, x)).ReduceByKey(static (a, b) => a + b, 4);
        client.Run(async () => result = await sums.CollectAsync().ConfigureAwait(false));
        world.RunUntil(() => result is not null, TimeSpan.FromSeconds(60));
        GC.KeepAlive(sums);
        return world.Broken ?? (!told ? "No worker was told to be dead." : result is null ? "The program has not ended."
            : result.Order().SequenceEqual([(0L, 56L), (1L, 64L)]) ? null : "The result is another one.");
    });
}
