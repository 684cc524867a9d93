using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using Orleans.Runtime;

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
    public void The_wish_of_an_owner_that_has_died_keeps_no_tasks(ulong seed) => GivenUp(seed, cluster =>
        cluster.Crash(cluster.Silos.First(static s => s.Hosts(typeof(IJobGrain)))));

    /// <summary>
    /// The lock of a stage's partitions is let go by Orleans while they run: the silo leaves at which its place was written down. Its
    /// successor starts them anew. What the first one had started went on, where nobody could stop it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_lock_that_is_let_go_keeps_no_tasks(ulong seed) => GivenUp(seed, cluster =>
    {
        var owner = cluster.Silos.Select(static s => s.OwnerOf(typeof(IPartitionGrain))).OfType<SiloAddress>().First();
        cluster.Leave(cluster.Silos.First(s => s.Address.Equals(owner)));
    });

    /// <summary>What a program does after it has given up between two tries of a call went on at the pool, in no order.</summary>
    [Fact]
    public void A_cancel_between_two_tries_stays_in_the_loop() => Simulated(1, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        using var stop = new CancellationTokenSource();
        var ended = false;
        client.Run(async () =>
        {
            try
            {
                await Repeat.Async(static () => Task.FromException(new TimeoutException()), client.Time, stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await client.WorkersAsync(CancellationToken.None).ConfigureAwait(false);
                ended = true;
            }
        });
        world.At(TimeSpan.FromMilliseconds(1100), () => client.Call(stop.Cancel));
        world.RunUntil(() => ended, TimeSpan.FromSeconds(5));
        return world.Broken ?? (ended ? null : "The program has not ended.");
    });

    /// <summary>
    /// What is persisted is dropped while a worker has died and nobody knows it: another one, or that of the recipe's grain. Its port refuses:
    /// that error has no codec, and the program was told of the codec.
    /// </summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    public void What_is_persisted_can_be_dropped_right_after_a_death(ulong seed, bool ofGrain) => Simulated(seed, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var ended = false;
        var kept = Source.Range(client.Runner, 0, 10, 1, 8).Persist(StorageLevel.MemoryOnly);
        client.Run(async () =>
        {
            await kept.CountAsync().ConfigureAwait(false);
            cluster.Crash(cluster.Silos.First(s => s.Hosts(typeof(IRddGrain)) == ofGrain));
            await kept.UnpersistAsync().ConfigureAwait(false);
            ended = true;
        });
        world.RunUntil(() => ended, TimeSpan.FromSeconds(100));
        return world.Broken ?? (ended ? null : "The program has not ended.");
    });

    /// <summary>A job whose tasks would take an hour, a fault, and a program that gives up half a minute later: nothing is left then.</summary>
    private static void GivenUp(ulong seed, Action<Cluster> fault) => Simulated(seed, (world, cluster) =>
    {
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
        world.RunUntil(() => cluster.Silos.Any(static s => s.Hosts(typeof(IPartitionGrain))), TimeSpan.FromSeconds(5));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(6));
        fault(cluster);
        world.RunUntil(static () => false, TimeSpan.FromSeconds(29));
        client.Call(stop.Cancel);
        world.RunUntil(() => ended, TimeSpan.FromSeconds(80));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(170));
        GC.KeepAlive(sums);
        return world.Broken ?? (ended ? Scenario.LeftBehind(cluster) : "The program was not cancelled.");
    });

    /// <summary>Runs a scenario on four silos of two slots; it returns what did not hold.</summary>
    internal static void Simulated(ulong seed, Func<World, Cluster, string?> scenario)
    {
        var wrong = OwnThread.Run(() =>
        {
            var world = new World(seed);
            var cluster = new Cluster(world, 2, new Faults());
            for (var silos = 0; silos < 4; silos++)
            {
                cluster.Add();
            }

            var found = scenario(world, cluster);
            foreach (var silo in cluster.Silos)
            {
                silo.Engine.Dispose();
            }

            world.Fibers.End();
            Chance.Seed(null);
            return found;
        });
        Assert.True(wrong is null, wrong);
    }
}
