using MicroSpark.Engine;
using MicroSpark.Simulation.Loop;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// One worker process: its services as a real silo has them, its activations, and its calls. What it takes from Orleans is the fabric's.
/// </summary>
internal sealed class SiloProcess : Node
{
    private readonly Dictionary<GrainId, Activation> _activations = [];
    private readonly List<Call> _calls = [];
    private readonly SiloLifecycle _lifecycle = new();
    private readonly Lane _pool;
    private int _made;

    public SiloProcess(Cluster cluster, string name, SiloAddress address)
        : base(cluster.World, name)
    {
        (Cluster, Address) = (cluster, address);
        _pool = NewLane("pool");
        Members = new MembershipView(this, cluster.Table);
        References = new References(Send);
        Services = SiloServices.Build(this, _pool);
        Engine = Services.GetRequiredService<WorkerEngine>();
        foreach (var part in Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
        {
            part.Participate(_lifecycle);
        }
    }

    public Cluster Cluster { get; }

    public SiloAddress Address { get; }

    public MembershipView Members { get; }

    public References References { get; }

    public ServiceProvider Services { get; }

    public WorkerEngine Engine { get; }

    /// <summary>It tells nobody any more that it is there, and has not ended yet.</summary>
    public bool Leaving { get; private set; }

    /// <summary>The objects of its activations.</summary>
    public IEnumerable<object?> Grains => _activations.Values.Select(static activation => activation.GrainInstance);

    /// <summary>Whether it has an activation of such a grain.</summary>
    public bool Hosts(Type grainInterface) => _activations.Keys.Any(grain => GrainTypes.InterfaceOf(grain) == grainInterface);

    /// <summary>The silo that wrote down where the process's activation of such a grain is; null when it has none.</summary>
    public SiloAddress? OwnerOf(Type grainInterface) =>
        _activations.Values.FirstOrDefault(one => GrainTypes.InterfaceOf(one.GrainId) == grainInterface)?.Owner;

    /// <summary>The key of the process's activation of such a grain.</summary>
    public Guid KeyOf(Type grainInterface) => _activations.Keys.First(grain => GrainTypes.InterfaceOf(grain) == grainInterface).GetGuidKey();

    /// <summary>Becomes a member.</summary>
    public void Start() => _pool.Start(() => _ = _lifecycle.StartAsync());

    /// <summary>Stops in order, and then ends.</summary>
    public void Leave(Action left)
    {
        Leaving = true;
        _pool.Start(() => _ = LeaveAsync(left));
    }

    public override void Call(Action callback) => _pool.Start(callback);

    /// <summary>Learns what the members' table says; what it has sent to a silo that it now knows to be dead fails at once.</summary>
    public void ReadMembers()
    {
        foreach (var dead in Members.Read())
        {
            foreach (var call in _calls.Where(c => c.At?.Address == dead).ToArray())
            {
                call.Fail(new SiloUnavailableException($"{dead} is dead."));
            }
        }

        _calls.RemoveAll(static c => c.Ended);
        foreach (var activation in _activations.Values.ToArray())
        {
            // Nobody will find it any more: Orleans lets it go, whatever it does.
            if (activation.Owner is { } owner && !Members.IsActive(owner))
            {
                World.Count("Fault.let-go");
                activation.LetGo();
            }
        }

        if (Members.IsDead(Address) && !Crashed)
        {
            World.Trace.Note($"{Name} sees that it is dead");
            Crash();
        }
    }

    /// <summary>A call arrives from the network, or from this process itself.</summary>
    public void Receive(Call call, IInvokable request)
    {
        if (!_activations.TryGetValue(call.Grain, out var activation) || activation.Gone)
        {
            _activations[call.Grain] = activation = new Activation(this, call.Grain, ++_made) { Owner = Cluster.Register(call.Grain, this) };
        }

        activation.Receive(call, request);
    }

    /// <summary>The activation went while the call was on its way.</summary>
    public void Forward(Call call) => Cluster.Route(this, call);

    public void Answer(Call call, Response response) => Cluster.Answer(this, call, response);

    public void Left(Activation activation)
    {
        if (_activations.TryGetValue(activation.GrainId, out var known) && known == activation)
        {
            _activations.Remove(activation.GrainId);
            Cluster.Unregister(activation.GrainId, this);
        }
    }

    private void Send(OutgoingCall outgoing)
    {
        var call = Cluster.NewCall(this, outgoing);
        _calls.Add(call);
        if (_calls.Count > 64)
        {
            _calls.RemoveAll(static c => c.Ended);
        }

        Cluster.Route(this, call);
    }

    private async Task LeaveAsync(Action left)
    {
        await _lifecycle.StopAsync();
        foreach (var activation in _activations.Values.ToArray())
        {
            activation.Leave();
        }

        World.After(World.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(2)), left);
    }
}
