using System.Collections.Frozen;
using System.Net;
using MicroSpark.Grains.Contracts;
using MicroSpark.Hashing;
using MicroSpark.Model;
using MicroSpark.Simulation.Loop;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Simulation.Fabric;

/// <summary>The silos of one world and the network between them: where a call goes, how long it takes, and what becomes of it.</summary>
internal sealed class Cluster(World world, int slots, Faults faults)
{
    private static readonly FrozenSet<Type> s_onItsSilo =
        References.Classes.Where(static c => c.Value.IsDefined(typeof(OnItsSiloAttribute), inherit: false)).Select(static c => c.Key).ToFrozenSet();

    private readonly Directory _directory = new();
    private readonly Dictionary<string, SiloProcess> _byId = [];
    private readonly List<SiloProcess> _silos = [];

    /// <summary>The longest row of losses of one call: thrice in a row is what callers may take for a loss of the callee.</summary>
    private const int MostInARow = 2;

    /// <summary>How often the call was lost in a row.</summary>
    private readonly Dictionary<(Node From, GrainId Grain, string Method), int> _lost = [];
    private int _calls;

    public World World => world;

    public Faults Faults => faults;

    /// <summary>Of each silo.</summary>
    public int Slots => slots;

    public MembershipTable Table { get; } = new();

    /// <summary>Told of each call that somebody makes.</summary>
    public Action<Call> Sends { get; set; } = static _ => { };

    /// <summary>Told of what the caller hears of each call.</summary>
    public Action<Call, Response> Heard { get; set; } = static (_, _) => { };

    /// <summary>Told of each call that begins, at the silo that runs it, with the grain.</summary>
    public Action<SiloProcess, Call, object> Runs { get; set; } = static (_, _, _) => { };

    /// <summary>Told of each call of a grain that has ended, at the silo that ran it.</summary>
    public Action<SiloProcess, Call, object, Response> Ran { get; set; } = static (_, _, _, _) => { };

    /// <summary>Silos to which clients have given what their jobs need.</summary>
    public HashSet<SiloProcess> Given { get; } = [];

    /// <summary>All that ever were, by age.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    public IEnumerable<SiloProcess> Living => _silos.Where(static s => !s.Crashed);

    public SiloProcess? Find(WorkerId worker) => _byId.GetValueOrDefault(worker.Value);

    /// <summary>A new process becomes a member.</summary>
    public SiloProcess Add()
    {
        var number = _silos.Count + 1;
        var address = SiloAddress.New(new IPEndPoint(new IPAddress([10, 0, 0, (byte)number]), 11111), number);
        var silo = new SiloProcess(this, $"s{number}", address);
        _silos.Add(silo);
        _byId[address.ToParsableString()] = silo;
        silo.Start();
        Tell(silo, SiloStatus.Active);

        // It has written the table itself.
        silo.Call(silo.ReadMembers);
        return silo;
    }

    /// <summary>A process ends, and the others find out.</summary>
    public void Crash(SiloProcess silo)
    {
        world.Trace.Note($"{silo.Name} crashes");
        silo.Crash();
        world.After(faults.Detection(world), () => Tell(silo, SiloStatus.Dead));
    }

    /// <summary>A process stops in order: it says so, lets its grains go, and ends.</summary>
    public void Leave(SiloProcess silo)
    {
        Tell(silo, SiloStatus.ShuttingDown);
        silo.Leave(() =>
        {
            world.Trace.Note($"{silo.Name} has left");
            silo.Crash();
            Tell(silo, SiloStatus.Dead);
        });
    }

    /// <summary>Writes the table; each silo reads it at its own time.</summary>
    public void Tell(SiloProcess about, SiloStatus status)
    {
        if (Table.Newest.GetSiloStatus(about.Address) is SiloStatus.Dead)
        {
            return;
        }

        world.Trace.Note($"{about.Name} is {status}");
        Table.Set(about.Address, status, about.Name);
        foreach (var silo in Living)
        {
            world.After(faults.Gossip(world), () => silo.Call(silo.ReadMembers));
        }
    }

    public TimeSpan Latency() => world.Between(TimeSpan.FromMicroseconds(50), TimeSpan.FromMicroseconds(500));

    public Call NewCall(Node from, OutgoingCall outgoing)
    {
        Call? call = null;
        call = new Call(
            from, outgoing with
            {
                Answered = response =>
                {
                    Heard(call!, response);
                    outgoing.Answered(response);
                },
            }, ++_calls);
        Sends(call);
        return call;
    }

    /// <summary>The silo that writes down where the grain is; null when nobody has to.</summary>
    public SiloAddress? Register(GrainId grain, SiloProcess silo)
    {
        if (OnItsSilo(grain) || Anywhere(grain) || Directory.OwnerOf(grain, silo.Members) is not { } owner)
        {
            return null;
        }

        _directory.Register(grain, silo, owner);
        return owner;
    }

    public void Unregister(GrainId grain, SiloProcess silo) => _directory.Unregister(grain, silo);

    /// <summary>By a silo: sends a call of its own, or a client's, to where the grain is as far as it knows.</summary>
    public void Route(SiloProcess by, Call call)
    {
        SiloProcess? at;
        if (OnItsSilo(call.Grain))
        {
            at = _byId.GetValueOrDefault(call.Grain.Key.ToString()!);
            if (at is null || !by.Members.IsActive(at.Address))
            {
                Refuse(call, new SiloUnavailableException($"Worker {call.Grain.Key} is no live silo."));
                return;
            }
        }
        else
        {
            at = Anywhere(call.Grain) ? by : _directory.Find(call.Grain, by.Members) ?? Place(by, call.Grain);
        }

        call.At = at;
        Deliver(by, at, call);
    }

    /// <summary>By the silo that ran it.</summary>
    public void Answer(SiloProcess by, Call call, Response response)
    {
        if (call.From != by && Fails(call, FaultKind.ReplyLost))
        {
            world.Trace.Note($"{call.Text} reply lost");
            return;
        }

        Reply(by, call, response);
    }

    /// <summary>A client's call reaches the silo that is its gateway.</summary>
    public void Enter(SiloProcess gateway, Call call)
    {
        call.At = gateway;
        world.After(Latency(), () =>
        {
            if (!gateway.Crashed)
            {
                gateway.Call(() => Route(gateway, call));
            }
        });
    }

    private void Reply(SiloProcess by, Call call, Response response) => Reply(call, Wire.Response(response, call.From != by));

    /// <summary>The caller's own process makes the error, of a message that came back.</summary>
    private void Refuse(Call call, Exception error) => Reply(call, Response.FromException(error));

    private void Reply(Call call, Response sent)
    {
        world.After(Delay(call), () =>
        {
            if (!call.From.Crashed)
            {
                call.From.Call(() => call.End(sent));
            }
        });
    }

    private void Deliver(SiloProcess by, SiloProcess at, Call call)
    {
        if (faults.Loses(call) || (by != at && Fails(call, FaultKind.RequestLost)))
        {
            world.Trace.Note($"{call.Text} lost");
            return;
        }

        var request = Wire.Request(call.Request, by != at || call.From != by);
        world.After(by == at ? TimeSpan.Zero : Delay(call), () =>
        {
            if (!at.Crashed)
            {
                at.Call(() => at.Receive(call, request));
            }
            else if (faults.Refuses(world))
            {
                // Nobody listens at its port any more.
                Refuse(call, call.From == by
                    ? new ConnectionFailedException($"Unable to connect to {at.Name}.")
                    : new SiloUnavailableException($"{by.Name} is unable to connect to {at.Name}."));
            }
        });
    }

    private TimeSpan Delay(Call call) =>
        Fails(call, FaultKind.Late) ? world.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60))
        : IsSlow() ? world.Between(Latency(), TimeSpan.FromSeconds(2))
        : Latency();

    private bool IsSlow()
    {
        var slow = faults.Next(world, FaultKind.Slow);
        if (slow)
        {
            world.Count($"Fault.{FaultKind.Slow}");
        }

        return slow;
    }

    private bool Fails(Call call, FaultKind how)
    {
        var key = (call.From, call.Grain, call.Request.GetMethodName());
        var before = _lost.GetValueOrDefault(key);

        // What is lost once is likely to be lost again: links fail for a while.
        if (before == MostInARow || !(before > 0 ? !faults.Stopped && world.Draw(0.3) : faults.Next(world, how)))
        {
            _lost.Remove(key);
            return false;
        }

        _lost[key] = before + 1;
        world.Count($"Fault.{how}");
        if (before > 0)
        {
            world.Count("Fault.InARow");
        }

        return true;
    }

    private SiloProcess Place(SiloProcess by, GrainId grain)
    {
        if (GrainTypes.InterfaceOf(grain) != typeof(IRddGrain))
        {
            return by;
        }

        // By a hash of the key, over the members that the caller sees.
        var active = _silos.Where(s => by.Members.IsActive(s.Address)).ToArray();
        return active.Length == 0 ? by : active[StringHash.Of(grain.Key.ToString()!) % (ulong)active.Length];
    }

    private static bool OnItsSilo(GrainId grain) => s_onItsSilo.Contains(GrainTypes.InterfaceOf(grain));

    private static bool Anywhere(GrainId grain) => GrainTypes.InterfaceOf(grain) == typeof(IClusterGrain);
}
