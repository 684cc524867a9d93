using MicroSpark.Actions;
using MicroSpark.Driver.Jobs;
using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Options;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Tests;

/// <summary>
/// A client lets a job go whose tasks would take an hour, and lives on. About one of two thousand seeds had an owner of the job that did
/// not hear of it, and kept the slots for as long as the client lived.
/// </summary>
public sealed class ReleaseTests
{
    /// <summary>
    /// The silo where the job's place is written down dies. Whoever keeps the job's record knows that first and wakes the job: a second
    /// activation takes over. The first one is told to let go in the same moment.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_second_owner_hears_that_a_job_was_let_go(ulong seed) => GivenUp(seed, 20, (world, cluster, giveUp) =>
    {
        var (owner, keeper) = Divide(cluster);
        Assert.True(world.RunUntil(() => cluster.Silos.Count(static s => s.Hosts(typeof(IJobGrain))) == 2, world.Now + TimeSpan.FromSeconds(5)));
        Assert.True(owner.Hosts(typeof(IJobGrain)) && keeper.Hosts(typeof(IJobGrain)));
        giveUp();
    });

    /// <summary>The second one is woken when the first one has been told, and reads what was on record before.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_owner_that_read_of_the_job_before_hears_of_it_too(ulong seed) => GivenUp(seed, 20, (world, cluster, giveUp) =>
    {
        // Whoever searches waits for the one that is frozen.
        var (owner, keeper) = Divide(cluster);
        var frozen = cluster.Living.First(s => s != owner && s != keeper);
        frozen.Freeze();
        world.RunUntil(() => keeper.Hosts(typeof(IJobGrain)), world.Now + TimeSpan.FromSeconds(5));
        giveUp();
        world.After(TimeSpan.FromSeconds(4), frozen.Thaw);
    });

    /// <summary>Whatever becomes of what its client says: nobody asks for it any more.</summary>
    [Fact]
    public void A_job_whose_release_never_arrives_is_over_when_nobody_asks_for_it() => GivenUp(1, 75, static (_, cluster, giveUp) =>
    {
        cluster.Faults.Loses = static call => call.Request.GetMethodName() == nameof(IJobGrain.ReleaseAsync);
        giveUp();
    });

    /// <summary>It may be busy with results that it has, or its questions do not arrive.</summary>
    [Fact]
    public void A_client_that_does_not_come_to_ask_keeps_its_job() => FoundTests.Simulated(1, static (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var patient = new MicroSparkOptions { Fused = false, NoWorkerTimeout = TimeSpan.FromMinutes(10) };
        var runner = new ClusterJobRunner(client, patient, () => cluster.Slots, client.Time);
        var numbers = Source.Range(runner, 0, 8, 1, 8).MapPartitions(static items => Work.Take(items, TimeSpan.FromMinutes(2)));
        long? count = null;
        cluster.Faults.Loses = static call => call.Request.GetMethodName() == nameof(IJobGrain.WaitAsync);
        client.Run(async () => count = await numbers.CountAsync().ConfigureAwait(false));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(100));
        cluster.Faults.Loses = static _ => false;
        world.RunUntil(() => count is not null, TimeSpan.FromSeconds(400));
        return world.Broken ?? (count == 8 ? null : $"It counted {count}.");
    });

    /// <summary>
    /// The silo dies where the job's place is written down, and one that keeps the job's record knows it before the job's owner does.
    /// </summary>
    private static (SiloProcess Owner, SiloProcess Keeper) Divide(Cluster cluster)
    {
        var owner = cluster.Silos.First(static s => s.Hosts(typeof(IJobGrain)));
        var directory = cluster.Silos.First(s => s.Address.Equals(owner.OwnerOf(typeof(IJobGrain))));
        var keeper = cluster.Living.First(s => s != owner && s != directory);
        directory.Crash();
        cluster.Tell(directory, SiloStatus.Dead);
        keeper.Call(keeper.ReadMembers);
        keeper.Call(() => keeper.References.GetGrain<IJobGrain>(owner.KeyOf(typeof(IJobGrain))).WakeAsync());
        return (owner, keeper);
    }

    /// <summary>Runs until the job's tasks run, lets something happen, and sees that no task is left so many seconds later.</summary>
    private static void GivenUp(ulong seed, int seconds, Action<World, Cluster, Action> happens) => FoundTests.Simulated(seed, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        using var stop = new CancellationTokenSource();
        var numbers = Source.Range(client.Runner, 0, 10, 1, 2).MapPartitions(static items => Work.Take(items, TimeSpan.FromHours(1)));
        client.Run(async () =>
        {
            try
            {
                await numbers.CountAsync(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                world.Trace.Note("given up");
            }
        });
        world.RunUntil(() => Busy(cluster) == 2, TimeSpan.FromSeconds(5));
        world.RunUntil(static () => false, TimeSpan.FromSeconds(6));
        happens(world, cluster, () => client.Call(stop.Cancel));
        world.RunUntil(static () => false, world.Now + TimeSpan.FromSeconds(seconds));
        return world.Broken ?? (Busy(cluster) == 0 ? null : $"{Busy(cluster)} tasks are left.");
    });

    private static int Busy(Cluster cluster) => cluster.Living.Sum(static s => s.Services.GetRequiredService<WorkerEngine>().SlotsBusy);
}
