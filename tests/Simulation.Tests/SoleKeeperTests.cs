using MicroSpark.Actions;
using MicroSpark.Driver.Jobs;
using MicroSpark.Errors;
using MicroSpark.Grains.Contracts;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Tests;

/// <summary>
/// The record of a submitted job is written to two keepers, and only the job's own silo has it: the other writes are lost on their way.
/// That silo dies some seconds later. A write that was lost held up all later ones for half a minute, and was made again only when the job
/// changed, so that nobody knew of the job: one of eleven thousand seeds.
/// </summary>
public sealed class SoleKeeperTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_job_outlives_the_only_one_that_kept_its_record_at_first(ulong seed) => FoundTests.Simulated(seed, static (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var numbers = Source.Range(client.Runner, 0, 8, 1, 2).MapPartitions(static items => Work.Take(items, TimeSpan.FromSeconds(40)));
        SiloProcess? owner = null;
        var lost = 0;
        cluster.Faults.Loses = call =>
        {
            if (call.Request.GetMethodName() != nameof(IWorkerGrain.WriteRecordAsync) || call.At == call.From)
            {
                return false;
            }

            lost++;
            return true;
        };
        long[]? result = null;
        client.Run(async () =>
        {
            var capture = new ActionCapture();
            client.Runner.Capture = capture;
            _ = numbers.CollectAsync();
            client.Runner.Capture = null;
            var action = capture.Action!;
            var id = await client.Runner.SubmitAsync(action, CancellationToken.None).ConfigureAwait(false);

            // From now on no message is lost.
            cluster.Faults.Loses = static _ => false;
            await client.Time.PauseAsync(TimeSpan.FromSeconds(8), CancellationToken.None).ConfigureAwait(false);
            owner = cluster.Silos.First(static s => s.Hosts(typeof(IJobGrain)));
            cluster.Crash(owner);
            result = await new SubmittedJob<long[]>(client.Runner, id, action.Name, action.Joined, action).ResultAsync().ConfigureAwait(false);
        });
        world.RunUntil(() => result is not null, TimeSpan.FromSeconds(200));
        return world.Broken ?? (owner is null || lost == 0 ? "Nothing was lost." : result is null ? "There is no result."
            : result.SequenceEqual([0L, 1, 2, 3, 4, 5, 6, 7]) ? null : "The result is another one.");
    });
}
