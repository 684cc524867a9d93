using System.Reflection;
using MicroSpark.Simulation.Loop;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Timers;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// One grain's activation at one silo: the real grain object, whose turns run on a lane of its own. All grains of MicroSpark are
/// reentrant: a call begins while others wait. It is let go when it has asked for that, or nobody can find it any more, and no call is
/// open. From the wish on no call begins: those that come then wait for its end, and go to its successor.
/// </summary>
internal sealed class Activation : IGrainContext, IGrainRuntime, ITimerRegistry, IServiceProvider
{
    private delegate void SetContext(IGrainContext context, out IGrainContext existing);

    private static readonly SetContext s_enter = typeof(IGrainContext).Assembly.GetType("Orleans.Runtime.RuntimeContext")!
        .GetMethod("SetExecutionContext", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<SetContext>();

    private static readonly Dictionary<Type, ObjectFactory> s_make =
        References.Classes.ToDictionary(static c => c.Key, static c => ActivatorUtilities.CreateFactory(c.Value, []));

    private readonly Lane _lane;
    private readonly List<(Call Call, IInvokable Request)> _waiting = [];
    private readonly List<GrainTimer> _timers = [];
    private Grain? _grain;
    private int _open;
    private bool _begun;
    private bool _wantsOut;

    public Activation(SiloProcess silo, GrainId grain, int number)
    {
        (Silo, GrainId) = (silo, grain);
        _lane = silo.NewLane($"{grain.Type}/{number}");
        _lane.Start(() => _ = BeginAsync());
    }

    public SiloProcess Silo { get; }

    /// <summary>The silo where its place is written down; null when it is nowhere.</summary>
    public SiloAddress? Owner { get; init; }

    public GrainId GrainId { get; }

    /// <summary>It takes no more calls.</summary>
    public bool Gone { get; private set; }

    public object? GrainInstance => _grain;

    public IGrainFactory GrainFactory => Silo.References;

    public ITimerRegistry TimerRegistry => this;

    public IServiceProvider ServiceProvider => Silo.Services;

    public IServiceProvider ActivationServices => this;

    public string SiloIdentity => Silo.Name;

    public SiloAddress SiloAddress => Silo.Address;

    public TimeProvider TimeProvider => Silo.Time;

    public void Receive(Call call, IInvokable request)
    {
        _lane.Start(() =>
        {
            if (!_begun || (_wantsOut && !Gone))
            {
                _waiting.Add((call, request));
            }
            else
            {
                _ = InvokeAsync(call, request);
            }
        });
    }

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IGrainRuntime) || serviceType == typeof(ITimerRegistry) || serviceType == typeof(IGrainContext)
            ? this
            : Silo.Services.GetService(serviceType);

    public object? GetTarget() => _grain;

    public object? GetComponent(Type componentType) => null;

    public void DeactivateOnIdle(IGrainContext grainContext) => LetGo();

    public void LetGo()
    {
        _wantsOut = true;
        _lane.Start(LeaveWhenIdle);
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => DeactivateOnIdle(this);

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, () => callback(state, CancellationToken.None), options);
        _timers.Add(timer);
        return timer;
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    private async Task BeginAsync()
    {
        try
        {
            s_enter(this, out var before);
            try
            {
                _grain = (Grain)s_make[GrainTypes.InterfaceOf(GrainId)](this, []);
            }
            finally
            {
                s_enter(before, out _);
            }

            await _grain.OnActivateAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            Silo.World.Fail($"{GrainId} did not become active: {e}");
        }

        _begun = true;
        if (_wantsOut)
        {
            LeaveWhenIdle();
            return;
        }

        foreach (var (call, request) in _waiting)
        {
            _ = InvokeAsync(call, request);
        }

        _waiting.Clear();
    }

    private async Task InvokeAsync(Call call, IInvokable request)
    {
        if (Gone)
        {
            Silo.Forward(call);
            return;
        }

        _open++;
        Silo.World.Trace.Note($"{call.Text} runs at {Silo.Name}");
        request.SetTarget(this);
        Silo.Cluster.Runs(Silo, call, _grain!);
        var response = await request.Invoke();
        _open--;
        Silo.Cluster.Ran(Silo, call, _grain!, response);
        try
        {
            Silo.Answer(call, response);
        }
        catch (Exception e)
        {
            Silo.World.Fail($"The answer to {call.Text} cannot be sent, of {response.Exception}: {e}");
        }

        LeaveWhenIdle();
    }

    /// <summary>Its silo stops: it does not wait for calls that are open.</summary>
    public void Leave() => _lane.Start(() =>
    {
        if (!Gone)
        {
            Gone = true;
            _ = LeaveAsync();
        }
    });

    private void LeaveWhenIdle()
    {
        if (_wantsOut && _begun && _open == 0 && !Gone)
        {
            Gone = true;
            _ = LeaveAsync();
        }
    }

    private async Task LeaveAsync()
    {
        foreach (var timer in _timers)
        {
            timer.Dispose();
        }

        if (_grain is not null)
        {
            await _grain.OnDeactivateAsync(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "idle"), CancellationToken.None);
        }

        Silo.Left(this);
        foreach (var (call, _) in _waiting)
        {
            Silo.Forward(call);
        }

        _waiting.Clear();
    }

    public GrainReference GrainReference => throw NotUsed();

    public ActivationId ActivationId => throw NotUsed();

    public GrainAddress Address => throw NotUsed();

    public IGrainLifecycle ObservableLifecycle => throw NotUsed();

    public IWorkItemScheduler Scheduler => throw NotUsed();

    public Task Deactivated => throw NotUsed();

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => throw NotUsed();

    public void ReceiveMessage(object message) => throw NotUsed();

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) => throw NotUsed();

    public void Rehydrate(IRehydrationContext context) => throw NotUsed();

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) => throw NotUsed();

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => throw NotUsed();

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) => throw NotUsed();

    public IDisposable RegisterTimer(
        IGrainContext grainContext, Func<object?, Task> asyncCallback, object? state, TimeSpan dueTime, TimeSpan period) => throw NotUsed();

    private static NotSupportedException NotUsed() => new("No grain of MicroSpark uses this.");

    /// <summary>Calls the grain in turns of its own, one at a time.</summary>
    private sealed class GrainTimer : IGrainTimer
    {
        private readonly Activation _owner;
        private readonly ITimer _timer;
        private bool _disposed;
        private bool _running;

        public GrainTimer(Activation owner, Func<Task> callback, GrainTimerCreationOptions options)
        {
            _owner = owner;
            _timer = owner.Silo.Time.CreateTimer(
                _ => owner._lane.Start(() => _ = RunAsync(callback)), null, options.DueTime, options.Period);
        }

        public void Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            _disposed = true;
            _timer.Dispose();
        }

        private async Task RunAsync(Func<Task> callback)
        {
            if (_disposed || _running)
            {
                return;
            }

            _running = true;
            _owner._open++;
            try
            {
                await callback();
            }
            catch (Exception e)
            {
                // Orleans logs it, and calls again.
                _owner.Silo.World.Trace.Note($"{_owner.GrainId}'s timer threw {e.GetType().Name}");
            }

            _running = false;
            _owner._open--;
            _owner.LeaveWhenIdle();
        }
    }
}
