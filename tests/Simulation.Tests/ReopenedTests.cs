using MicroSpark.Actions;
using MicroSpark.Driver.Jobs;
using MicroSpark.Grains.Contracts;
using MicroSpark.Errors;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Workloads;
using MicroSpark.Sources;

namespace MicroSpark.Tests;

/// <summary>
/// A job has succeeded, and its owner's silo dies with some of its results, before anybody has read them. The next owner computes these
/// again, and needs the plan for that: it had gone from the record with the job's end. One of ten thousand seeds failed so.
/// </summary>
public sealed class ReopenedTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Results_that_die_with_their_jobs_owner_are_computed_again(ulong seed) => FoundTests.Simulated(seed, (world, cluster) =>
    {
        const int Size = 20_000;
        var client = new Client(cluster, "client");

        // A plan of some kB: a smaller one is not worth to be taken out of the record.
        var table = Enumerable.Range(0, 1000).Select(static i => (ulong)i * 0x9E3779B97F4A7C15UL).ToArray();
        var numbers = Source.Range(client.Runner, 0, Size, 1, 8).Map(x => (long)(table[x % 1000] / 2));
        long[]? result = null;
        client.Run(async () =>
        {
            var capture = new ActionCapture();
            client.Runner.Capture = capture;
            _ = numbers.CollectAsync();
            client.Runner.Capture = null;
            var action = capture.Action!;
            var id = await client.Runner.SubmitAsync(action, CancellationToken.None).ConfigureAwait(false);
            while ((await client.Runner.LookAsync(id, -1, CancellationToken.None).ConfigureAwait(false)).Summary!.Ended is null)
            {
            }

            await client.Time.PauseAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
            cluster.Crash(cluster.Silos.First(static s => s.Hosts(typeof(IJobGrain))));
            result = await new SubmittedJob<long[]>(client.Runner, id, action.Name, action.Joined, action).ResultAsync().ConfigureAwait(false);
        });
        world.RunUntil(() => result is not null, TimeSpan.FromSeconds(100));
        return world.Broken ?? (result is null ? "There is no result."
            : result.SequenceEqual(Enumerable.Range(0, Size).Select(x => (long)(table[x % 1000] / 2))) ? null : "The result is another one.");
    });
}
