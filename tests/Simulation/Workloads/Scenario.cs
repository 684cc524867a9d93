using MicroSpark.Engine;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Rdds;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Simulation.Clients;
using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;
using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Simulation.Workloads;

/// <summary>What came of one seed.</summary>
/// <param name="Broken">What did not hold; null when all did.</param>
/// <param name="Parts">How many parts were drawn.</param>
/// <param name="Counts">How often each kind of fault happened, each transition of a state machine was taken, and each program ran.</param>
internal sealed record Outcome(
    ulong Seed, string? Broken, string Description, string Hash, long Steps, TimeSpan Now, int Parts, IReadOnlyDictionary<string, long> Counts);

/// <summary>
/// One world from its seed: silos, clients with programs, faults until a drawn moment. What must hold: each program has its right result
/// within two minutes from then, and when the programs have gone, nothing that they wanted is left at the silos.
/// </summary>
internal sealed class Scenario : IDisposable
{
    /// <summary>From the end of the faults: less than twice the longest that a call waits for its answer, thrice over.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(120);

    /// <summary>Leases, silent owners and clients are looked at in this time.</summary>
    private static readonly TimeSpan s_afterwards = TimeSpan.FromSeconds(150);

    private readonly World _world;
    private readonly Faults _faults = new();
    private readonly Cluster _cluster;
    private readonly Chaos _chaos;
    private readonly Parts _parts;
    private readonly List<Client> _clients = [];
    private readonly List<object> _held = [];

    /// <summary>What programs take by their own tasks, however well it goes.</summary>
    private TimeSpan _lasting;
    private int _open;

    public Scenario(ulong seed, IReadOnlySet<int>? without, bool varied, TextWriter? trace)
    {
        _parts = new Parts(without ?? new HashSet<int>());
        _world = new World(seed, trace);
        _cluster = new Cluster(_world, _world.Random.Next(1, 4), _faults);
        for (var silos = _world.Random.Next(2, 6); silos > 0; silos--)
        {
            _cluster.Add();
        }

        new Laws(_world).Hold(_cluster);
        _chaos = new Chaos(_world, _cluster, _faults, _parts);
        for (var clients = _world.Random.Next(1, 3); clients > 0; clients--)
        {
            AddClient(varied);
        }
    }

    /// <param name="without">Parts that are left out.</param>
    /// <param name="varied">Whether some programs are not deterministic.</param>
    public static Outcome Run(ulong seed, IReadOnlySet<int>? without = null, bool varied = false, TextWriter? trace = null)
    {
        using var scenario = new Scenario(seed, without, varied, trace);
        return scenario.Run();
    }

    public void Dispose()
    {
        foreach (var silo in _cluster.Silos)
        {
            silo.Engine.Dispose();
        }

        _world.Fibers.End();
        Chance.Seed(null);
        GC.KeepAlive(_held);
    }

    private Outcome Run()
    {
        var world = _world;
        if (!world.RunUntil(() => _open == 0, _chaos.Until + s_most + _lasting))
        {
            world.Fail($"{_open} jobs have not ended {(s_most + _lasting).TotalSeconds:0} s after the last fault.");
        }
        else
        {
            world.RunUntil(() => false, (world.Now > _chaos.Until ? world.Now : _chaos.Until) + s_afterwards);
            if (LeftBehind(_cluster) is { } left)
            {
                world.Fail(left);
            }
        }

        var description = $"{_cluster.Silos.Count} silos of {_cluster.Slots} slots, {_clients.Count} clients; {_parts.Description}";
        foreach (var (machine, transition, count) in _cluster.Silos.SelectMany(static s => s.Services.GetRequiredService<TransitionCounts>().All))
        {
            world.Count($"{machine}.{transition}", count);
        }

        return new Outcome(world.Seed, world.Broken, description, world.Trace.Hash, world.Steps, world.Now, _parts.Drawn, world.Counts);
    }

    private void AddClient(bool varied)
    {
        var client = new Client(_cluster, $"c{_clients.Count + 1}");
        _clients.Add(client);
        var left = _world.Random.Next(1, 4);
        var stage = new Jobs.Stage(
            _world, () => _chaos.Until + _lasting, () => new Client(_cluster, $"{client.Name}'").Runner, () => _cluster.Silos.Count(
                s => s.Crashed || _cluster.Table.Newest.GetSiloStatus(s.Address) == Orleans.Runtime.SiloStatus.Dead));
        _open += left;
        for (var jobs = left; jobs > 0; jobs--)
        {
            var (name, job) = Jobs.Draw(client.Runner, stage, _held, varied);
            _lasting += Jobs.Lasting(name);
            var begins = _world.Between(TimeSpan.Zero, TimeSpan.FromSeconds(15));
            if (!_parts.Has($"{client.Name} {name} at {begins.TotalSeconds:0.000}"))
            {
                (_open, left) = (_open - 1, left - 1);
                continue;
            }

            _world.At(begins, () => client.Run(async () =>
            {
                _world.Trace.Note($"{client.Name} begins {name}");
                _world.Count($"Program.{name}");
                if (await job().ConfigureAwait(false) is { } wrong)
                {
                    _world.Fail($"A program of {client.Name} {wrong}.");
                }

                if (client.Crashed)
                {
                    // It ended in the process that read its result.
                    return;
                }

                _world.Trace.Note($"{client.Name} has the result of {name}");
                _open--;
                if (--left == 0)
                {
                    client.Runner.Close();
                }
            }));
        }

        if (left == 0)
        {
            client.Runner.Close();
        }

        if (!_world.Draw(0.15))
        {
            return;
        }

        // Nobody waits for its results then. What runs for it has to stop by itself.
        var dies = _world.Between(TimeSpan.FromSeconds(1), _chaos.Until);
        if (_parts.Has($"{client.Name} dies at {dies.TotalSeconds:0.000}"))
        {
            _world.At(dies, () =>
            {
                _world.Trace.Note($"{client.Name} dies");
                _world.Count("Fault.client-dies");
                client.Crash();
                (_open, left) = (_open - left, 0);
            });
        }
    }

    /// <summary>What is still there of programs that have gone; null when nothing is.</summary>
    public static string? LeftBehind(Cluster cluster)
    {
        foreach (var silo in cluster.Living)
        {
            var engine = silo.Services.GetRequiredService<WorkerEngine>();
            var batches = silo.Services.GetRequiredService<BatchTable>().Count;
            var reservations = silo.Services.GetRequiredService<ReservationTable>().Count;
            if (engine.SlotsBusy > 0 || engine.SlotsQueued > 0 || batches > 0 || reservations > 0)
            {
                return $"{silo.Name} has {batches} batches, {reservations} reservations, {engine.SlotsBusy} tasks that run and "
                    + $"{engine.SlotsQueued} that wait, and nobody wants any.";
            }

            if (silo.Hosts(typeof(IPartitionGrain)))
            {
                return $"{silo.Name} keeps a lock under which nothing is computed.";
            }

            if (silo.Grains.OfType<RddGrain>().Any(static grain => grain.Table?.Computations.Count > 0))
            {
                return $"A grain at {silo.Name} computes what nobody wants.";
            }
        }

        return null;
    }
}
