using MicroSpark.Grains.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.TestingHost;

namespace MicroSpark.Tests.Rules;

/// <summary>The rules on Orleans' own silos, in this process.</summary>
public sealed class RulesOnOrleans(RulesOnOrleans.Fixture fixture) : ModelRules, IClassFixture<RulesOnOrleans.Fixture>
{
    private protected override void Run(Func<ISilos, Task> rule) => Task.Run(() => rule(fixture)).GetAwaiter().GetResult();

    /// <summary>Silos for all rules; for one that goes another one comes.</summary>
    public sealed class Fixture : ISilos, IAsyncLifetime
    {
        private InProcessTestCluster? _cluster;

        IGrainFactory ISilos.Grains => Cluster.Client;

        TimeProvider ISilos.Time => TimeProvider.System;

        IReadOnlyList<(string Name, string Key)> ISilos.Living =>
            [.. Cluster.GetActiveSilos().Select(static silo => (silo.SiloAddress.ToString(), silo.SiloAddress.ToParsableString()))];

        private InProcessTestCluster Cluster => _cluster!;

        public async Task InitializeAsync()
        {
            var builder = new InProcessTestClusterBuilder(4);
            builder.ConfigureSilo(static (_, silo) =>
            {
                silo.Services.AddPlacementDirector<OnItsSiloPlacement, OnItsSiloDirector>();
                silo.Services.AddGrainDirectory(OnItsSiloDirectory.Name, static (_, _) => new OnItsSiloDirectory());
            });
            _cluster = builder.Build();
            await _cluster.DeployAsync();
        }

        public async Task DisposeAsync() => await Cluster.DisposeAsync();

        async Task ISilos.KillAsync(string name)
        {
            await Cluster.KillSiloAsync(Find(name));
            await Cluster.StartAdditionalSiloAsync();
        }

        async Task ISilos.StopAsync(string name)
        {
            await Cluster.StopSiloAsync(Find(name));
            await Cluster.StartAdditionalSiloAsync();
        }

        private InProcessSiloHandle Find(string name) => Cluster.Silos.First(silo => silo.SiloAddress.ToString() == name);
    }
}
