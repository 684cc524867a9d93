using MicroSpark.Simulation.Loop;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Simulation.Fabric;

/// <summary>
/// One call from its caller to an activation and back. Its end is told once: the answer, a time-out, or the death of the silo that had it.
/// </summary>
internal sealed class Call
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly Action<Response> _answered;
    private readonly ITimer _timer;

    public Call(Node from, OutgoingCall call, int number)
    {
        (From, Grain, Request, _answered, Number) = (from, call.Grain, call.Request, call.Answered, number);
        Text = $"#{number} {from.Name}>{call.Request.GetMethodName()} {call.Grain.Key.ToString() switch { { Length: > 12 } key => key[..12], var key => key }}";
        var timeout = call.Request.GetDefaultResponseTimeout() ?? s_timeout;
        _timer = from.Time.CreateTimer(
            _ => End(Response.FromException(new TimeoutException($"No answer to {Text} within {timeout.TotalSeconds:0} s."))), null,
            timeout, Timeout.InfiniteTimeSpan);
    }

    public Node From { get; }

    public GrainId Grain { get; }

    public IInvokable Request { get; }

    public int Number { get; }

    /// <summary>For the trace.</summary>
    public string Text { get; }

    /// <summary>Where it was sent; null while that is not decided.</summary>
    public SiloProcess? At { get; set; }

    public bool Ended { get; private set; }

    /// <summary>By the caller's process: the call is over.</summary>
    public void End(Response response)
    {
        if (!Ended)
        {
            Ended = true;
            _timer.Dispose();
            From.World.Trace.Note($"{Text} {(response.Exception is { } e ? e.GetType().Name : "answered")}");
            _answered(response);
        }
    }

    public void Fail(Exception error) => End(Response.FromException(error));
}

/// <summary>What messages become on their way, by Orleans' own serializer.</summary>
internal static class Wire
{
    private static readonly Serializer s_serializer = References.Serialization.GetRequiredService<Serializer>();
    private static readonly DeepCopier s_copier = References.Serialization.GetRequiredService<DeepCopier>();

    /// <summary>A request is copied where it is made; to another process it travels as bytes.</summary>
    public static IInvokable Request(IInvokable request, bool remote) => remote ? Travel(request) : request;

    public static Response Response(Response response, bool remote) => remote ? Travel(response) : s_copier.Copy(response);

    private static T Travel<T>(T message) => s_serializer.Deserialize<T>(s_serializer.SerializeToArray(message))!;
}
