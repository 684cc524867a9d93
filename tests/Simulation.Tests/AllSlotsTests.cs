using MicroSpark.Actions;
using MicroSpark.Driver.Jobs;
using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Tests;

/// <summary>
/// A task that runs alone wants all slots of a worker. There one job's task has a slot, and one of another group runs above the slots,
/// since its group would starve. When the slots had come free first, nobody looked again at the end of the other one: who waited for the
/// slots waited for ever, and all tasks that came later behind him. About one of ten thousand seeds.
/// </summary>
public sealed class AllSlotsTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public void Who_waits_for_all_slots_gets_them_whatever_ends_last(bool slotsFirst, ulong seed) => FoundTests.Simulated(seed, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var silo = cluster.Silos[0];
        var (first, second) = (slotsFirst ? "slots" : "above", slotsFirst ? "above" : "slots");
        var granted = false;
        Endless(client, "slots", 8);
        world.RunUntil(() => Busy(silo) == 2, TimeSpan.FromSeconds(5));
        Endless(client, "above", 4);
        world.RunUntil(() => Busy(silo) > 2, TimeSpan.FromSeconds(10));
        world.RunUntil(static () => false, world.Now + TimeSpan.FromSeconds(3));
        var above = Busy(silo);
        var reservation = BatchId.New();
        client.Run(async () =>
        {
            var worker = client.Grains.GetGrain<IWorkerGrain>(silo.Address.ToParsableString());
            while (!(granted = await worker.ReserveAllAsync(reservation, null).ConfigureAwait(false)))
            {
            }
        });
        world.RunUntil(static () => false, world.Now + TimeSpan.FromSeconds(1));
        client.Call(() => client.Runner.CancelJobs(first));
        world.RunUntil(static () => false, world.Now + TimeSpan.FromSeconds(10));
        var early = granted;
        client.Call(() => client.Runner.CancelJobs(second));
        world.RunUntil(() => granted, world.Now + TimeSpan.FromSeconds(20));
        return world.Broken ?? (above < 3 ? "No task runs above the slots." : early ? "It got slots that were not free." : granted ? null : "It waits for ever.");
    });

    private static void Endless(Client client, string group, int partitions) => client.Run(async () =>
    {
        client.Runner.Group = new ActionGroup(group, 1, null);
        try
        {
            await Source.Range(client.Runner, 0, partitions, 1, partitions)
                .MapPartitions(static items => Work.Take(items, TimeSpan.FromHours(1))).CountAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As it is to be.
        }
    });

    private static int Busy(Simulation.Fabric.SiloProcess silo) => silo.Services.GetRequiredService<WorkerEngine>().SlotsBusy;
}
