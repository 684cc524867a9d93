using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;

namespace MicroSpark.Tests;

/// <summary>What seeds have found, as scenarios: the workload and the faults by name.</summary>
public sealed class FoundTests
{
    /// <summary>
    /// A job's owner dies, its successor wishes for the same stage, and the program gives up. The successor withdraws its wish. That of the
    /// dead one stayed, since nobody asked any more, and kept the stage's tasks in their slots for ever.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_wish_of_an_owner_that_has_died_keeps_no_tasks(ulong seed) => Assert.Null(OwnThread.Run(() =>
    {
        var world = new World(seed);
        var cluster = new Cluster(world, 2, new Faults());
        for (var silos = 0; silos < 4; silos++)
        {
            cluster.Add();
        }

        var client = new Client(cluster, "client");
        using var stop = new CancellationTokenSource();
        var ended = false;
        var sums = Source.Range(client.Runner, 0, 10, 1, 2).MapPartitions(static items => Work.Take(items, TimeSpan.FromHours(1)))
            .Map(static x => (x % 2, x)).ReduceByKey(static (a, b) => a + b, 2);
        client.Run(async () =>
        {
            try
            {
                await sums.CollectAsync(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                ended = true;
            }
        });
        world.RunUntil(() => cluster.Silos.Any(static s => s.Hosts(typeof(IRddGrain))), TimeSpan.FromSeconds(5));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(6));
        cluster.Crash(cluster.Silos.First(static s => s.Hosts(typeof(IJobGrain))));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(29));
        client.Call(stop.Cancel);
        world.RunUntil(() => ended, TimeSpan.FromSeconds(80));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(170));
        var left = world.Broken ?? (ended ? Scenario.LeftBehind(cluster) : "The program was not cancelled.");
        foreach (var silo in cluster.Silos)
        {
            silo.Engine.Dispose();
        }

        world.Fibers.End();
        Chance.Seed(null);
        GC.KeepAlive(sums);
        return left;
    }));
}
