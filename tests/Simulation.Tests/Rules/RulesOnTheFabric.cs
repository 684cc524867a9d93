using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using Orleans;

namespace MicroSpark.Tests.Rules;

/// <summary>The rules on the simulation's fabric.</summary>
public sealed class RulesOnTheFabric : ModelRules
{
    private protected override void Run(Func<ISilos, Task> rule) => FoundTests.Simulated(1, (world, cluster) =>
    {
        var client = new Client(cluster, "client");
        var ended = false;
        client.Run(async () =>
        {
            await rule(new Silos(cluster, client)).ConfigureAwait(false);
            ended = true;
        });
        world.RunUntil(() => ended, TimeSpan.FromSeconds(300));
        return world.Broken ?? (ended ? null : "It has not ended.");
    });

    private sealed class Silos(Cluster cluster, Client client) : ISilos
    {
        public IGrainFactory Grains => client.Grains;

        public TimeProvider Time => client.Time;

        public IReadOnlyList<(string Name, string Key)> Living =>
            [.. cluster.Living.Select(static silo => (silo.Name, silo.Address.ToParsableString()))];

        public Task KillAsync(string name)
        {
            cluster.Crash(cluster.Silos.First(silo => silo.Name == name));
            return Task.CompletedTask;
        }

        public Task StopAsync(string name)
        {
            cluster.Leave(cluster.Silos.First(silo => silo.Name == name));
            return Task.CompletedTask;
        }
    }
}
