using System.Collections.Frozen;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Partitions;
using MicroSpark.Grains.Rdds;
using MicroSpark.Grains.Workers;
using MicroSpark.Simulation.Rules;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Serializers;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// What one process calls grains by: Orleans' own proxies, which copy the arguments as they do in a cluster, over the fabric's messages.
/// </summary>
internal sealed class References(Action<OutgoingCall> send) : IGrainFactory, IGrainReferenceRuntime
{
    private readonly Dictionary<Type, GrainReferenceShared> _shared = [];

    /// <summary>The classes that are simulated, by their interface.</summary>
    public static FrozenDictionary<Type, Type> Classes { get; } = new Dictionary<Type, Type>
    {
        [typeof(IClusterGrain)] = typeof(ClusterGrain),
        [typeof(IJobGrain)] = typeof(JobGrain),
        [typeof(IPartitionGrain)] = typeof(PartitionGrain),
        [typeof(IRddGrain)] = typeof(RddGrain),
        [typeof(IWorkerGrain)] = typeof(WorkerGrain),
        [typeof(IProbeGrain)] = typeof(ProbeGrain),
        [typeof(IAtSiloGrain)] = typeof(AtSiloGrain),
    }.ToFrozenDictionary();

    /// <summary>Orleans' serializer with the codecs of the grains' messages. It has no state but its caches.</summary>
    public static IServiceProvider Serialization { get; } = new ServiceCollection().AddSerializer(static builder => builder
        .AddAssembly(typeof(IJobGrain).Assembly)
        .AddAssembly(typeof(IProbeGrain).Assembly)
        .AddAssembly(typeof(SiloUnavailableException).Assembly)
        .AddAssembly(typeof(ConnectionFailedException).Assembly)).BuildServiceProvider();

    private static FrozenDictionary<Type, Type> Proxies { get; } = Classes.Keys.ToFrozenDictionary(
        static one => one,
        static one => one.Assembly.GetTypes().Single(type => type.IsAssignableTo(typeof(GrainReference)) && type.IsAssignableTo(one)));

    public T GetGrain<T>(Guid primaryKey, string? grainClassNamePrefix = null)
        where T : IGrainWithGuidKey => Make<T>(GrainIdKeyExtensions.CreateGuidKey(primaryKey));

    public T GetGrain<T>(long primaryKey, string? grainClassNamePrefix = null)
        where T : IGrainWithIntegerKey => Make<T>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey));

    public T GetGrain<T>(string primaryKey, string? grainClassNamePrefix = null)
        where T : IGrainWithStringKey => Make<T>(IdSpan.Create(primaryKey));

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var answer = new TaskCompletionSource<T?>();
        send(new OutgoingCall(reference.GrainId, request, response =>
        {
            if (response.Exception is { } error)
            {
                answer.TrySetException(error);
            }
            else
            {
                answer.TrySetResult(response.GetResult<T>());
            }
        }));
        return new ValueTask<T?>(answer.Task);
    }

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var answer = new TaskCompletionSource();
        send(new OutgoingCall(reference.GrainId, request, response =>
        {
            if (response.Exception is { } error)
            {
                answer.TrySetException(error);
            }
            else
            {
                answer.TrySetResult();
            }
        }));
        return new ValueTask(answer.Task);
    }

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        throw new NotSupportedException("No grain of MicroSpark has a one-way method.");

    public object Cast(IAddressable grain, Type interfaceType) => throw NotUsed();

    public T GetGrain<T>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where T : IGrainWithGuidCompoundKey => throw NotUsed();

    public T GetGrain<T>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where T : IGrainWithIntegerCompoundKey => throw NotUsed();

    public T CreateObjectReference<T>(IGrainObserver obj)
        where T : IGrainObserver => throw NotUsed();

    public void DeleteObjectReference<T>(IGrainObserver obj)
        where T : IGrainObserver => throw NotUsed();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw NotUsed();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw NotUsed();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw NotUsed();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw NotUsed();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw NotUsed();

    public T GetGrain<T>(GrainId grainId)
        where T : IAddressable => throw NotUsed();

    public IAddressable GetGrain(GrainId grainId) => throw NotUsed();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw NotUsed();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw NotUsed();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw NotUsed();

    private T Make<T>(IdSpan key)
    {
        if (!_shared.TryGetValue(typeof(T), out var shared))
        {
            _shared[typeof(T)] = shared = new GrainReferenceShared(
                GrainTypes.Of(typeof(T)), GrainInterfaceType.Create(typeof(T).Name), 0, this, InvokeMethodOptions.None,
                Serialization.GetRequiredService<CodecProvider>(), Serialization.GetRequiredService<CopyContextPool>(), Serialization);
        }

        return (T)Activator.CreateInstance(Proxies[typeof(T)], shared, key)!;
    }

    private static NotSupportedException NotUsed() => new("Nothing that is simulated uses this.");
}

/// <summary>Names of the simulated grains' types: those of their interfaces.</summary>
internal static class GrainTypes
{
    private static readonly FrozenDictionary<GrainType, Type> s_interfaces =
        References.Classes.Keys.ToFrozenDictionary(static one => GrainType.Create(one.Name));

    public static GrainType Of(Type grainInterface) => GrainType.Create(grainInterface.Name);

    public static Type InterfaceOf(GrainId grain) => s_interfaces[grain.Type];
}

/// <summary>A call as it leaves its caller.</summary>
/// <param name="Answered">Called once, with the answer or the failure.</param>
internal sealed record OutgoingCall(GrainId Grain, IInvokable Request, Action<Response> Answered);
