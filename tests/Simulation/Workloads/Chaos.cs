using MicroSpark.Simulation.Fabric;
using MicroSpark.Simulation.Loop;

namespace MicroSpark.Simulation.Workloads;

/// <summary>What happens to one world's processes, and when: drawn at its beginning. Two silos at least are left alone.</summary>
internal sealed class Chaos
{
    private const int LeftAlone = 2;

    private readonly World _world;
    private readonly Cluster _cluster;
    private readonly Faults _faults;
    private readonly Parts _parts;

    public Chaos(World world, Cluster cluster, Faults faults, Parts parts)
    {
        (_world, _cluster, _faults, _parts) = (world, cluster, faults, parts);
        Until = world.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40));
        DrawFaults();
        Plan("crash", 0.6, 2, () => Strike("crash", cluster.Crash));
        Plan("freeze", 0.4, 2, () => Strike("freeze", Freeze));
        Plan("verdict", 0.25, 1, () => Strike("verdict", silo => cluster.Tell(silo, Orleans.Runtime.SiloStatus.Dead)));
        Plan("leave", 0.25, 1, () => Strike("leave", cluster.Leave));
        Plan("join", 0.5, 2, () =>
        {
            world.Count("Fault.join");
            cluster.Add();
        });
        world.At(Until, Stop);
    }

    /// <summary>What may happen to processes.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["crash", "freeze", "verdict", "leave", "join"];

    /// <summary>From then on nothing fails.</summary>
    public TimeSpan Until { get; }

    private void DrawFaults()
    {
        // Of the networks that lose messages, some are bad ones.
        Set(FaultKind.RequestLost, 0.3, _world.Draw(0.25) ? 0.1 : 0.02);
        Set(FaultKind.ReplyLost, 0.3, _world.Draw(0.25) ? 0.1 : 0.02);
        Set(FaultKind.Slow, 0.4, 0.1);
        Set(FaultKind.Late, 0.2, 0.005);
    }

    private void Set(FaultKind kind, double chance, double most)
    {
        if (!_world.Draw(chance))
        {
            return;
        }

        var often = most * _world.Random.NextDouble();
        if (_parts.Has($"{kind} {often:0.0000}"))
        {
            _faults[kind] = often;
        }
    }

    private void Plan(string name, double chance, int most, Action what)
    {
        if (!_world.Draw(chance))
        {
            return;
        }

        for (var count = _world.Random.Next(1, most + 1); count > 0; count--)
        {
            var at = _world.Between(TimeSpan.FromMilliseconds(10), Until);
            if (_parts.Has($"{name} at {at.TotalSeconds:0.000}"))
            {
                _world.At(at, what);
            }
        }
    }

    private void Strike(string name, Action<SiloProcess> how)
    {
        var healthy = _cluster.Living.Where(static s => s is { Frozen: false, Leaving: false } && !s.Members.IsDead(s.Address)).ToArray();
        if (healthy.Length > LeftAlone)
        {
            _world.Count($"Fault.{name}");
            how(healthy[_world.Random.Next(healthy.Length)]);
        }
    }

    /// <summary>Long enough, the others take it for dead.</summary>
    private void Freeze(SiloProcess silo)
    {
        var time = _world.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(20));
        _world.Trace.Note($"{silo.Name} freezes for {time.TotalSeconds:0.000}");
        silo.Freeze();
        var verdict = _world.Between(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(18));
        if (time > verdict)
        {
            _world.After(verdict, () => _cluster.Tell(silo, Orleans.Runtime.SiloStatus.Dead));
        }

        _world.After(time, silo.Thaw);
    }

    private void Stop()
    {
        _world.Trace.Note("faults end");
        _faults.Stopped = true;
        foreach (var silo in _cluster.Living)
        {
            silo.Thaw();
        }
    }
}
