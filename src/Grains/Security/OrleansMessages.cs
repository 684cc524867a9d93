using System.Buffers;
using System.IO.Pipelines;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Reads and writes the messages of one connection with Orleans' own reader and writer, which are not public. A reader of ours could
/// understand bytes differently from the one that acts on them, and what lies between two readings lets a caller through. Whether Orleans
/// still has what is named here is found when a silo starts (<see cref="Check"/>).
/// </summary>
internal sealed class OrleansMessages(IServiceProvider services)
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type s_serializer = TypeOf("Orleans.Runtime.Messaging.MessageSerializer");
    private static readonly Type s_message = TypeOf("Orleans.Runtime.Message");
    private static readonly MethodInvoker s_tryRead =
        MethodOf("TryRead", typeof(ReadOnlySequence<byte>).MakeByRefType(), s_message.MakeByRefType());

    private static readonly MethodInvoker s_write = MethodOf("Write", typeof(PipeWriter), s_message);
    private static readonly PropertyInfo s_direction = PropertyOf("Direction");
    private static readonly PropertyInfo s_sender = PropertyOf("SendingGrain");
    private static readonly PropertyInfo s_target = PropertyOf("TargetGrain");
    private static readonly PropertyInfo s_body = PropertyOf("BodyObject");
    private static readonly PropertyInfo s_context = PropertyOf("RequestContextData");
    private static readonly PropertyInfo s_addresses = PropertyOf("CacheInvalidationHeader");
    private static readonly PropertyInfo s_system = PropertyOf("IsSystemMessage");
    private static readonly PropertyInfo s_silo = PropertyOf("TargetSilo");

    private static readonly Type s_preamble = TypeOf("Orleans.Runtime.Messaging.ConnectionPreamble");
    private static readonly Type s_preambles = typeof(Serializer<>).MakeGenericType(s_preamble);
    private static readonly MethodInvoker s_readPreamble = MethodInvoker.Create(
        s_preambles.GetMethod("Deserialize", [typeof(ReadOnlySequence<byte>)]) ?? throw Missing("Serializer.Deserialize"));

    private static readonly PropertyInfo s_identity =
        s_preamble.GetProperty("NodeIdentity", Members) ?? throw Missing("ConnectionPreamble.NodeIdentity");

    private readonly object _serializer = services.GetRequiredService(s_serializer);
    private readonly object _preambles = services.GetRequiredService(s_preambles);

    /// <summary>Fails where Orleans is not as this class knows it.</summary>
    /// <exception cref="MissingMemberException">It is another version.</exception>
    public static void Check() => _ = s_tryRead;

    /// <summary>Cuts the next message off the input; null when more bytes are needed.</summary>
    /// <exception cref="Exception">The bytes are no message that this silo can read: of whichever type Orleans' reader throws.</exception>
    public Received? Read(ref ReadOnlySequence<byte> input)
    {
        object?[] arguments = [input, null];
        s_tryRead.Invoke(_serializer, arguments.AsSpan());
        input = (ReadOnlySequence<byte>)arguments[0]!;
        return arguments[1] is { } message ? new Received(message) : null;
    }

    /// <summary>Who a connection says that it is, to whom answers go.</summary>
    /// <exception cref="Exception">As for <see cref="Read"/>.</exception>
    public GrainId IdentityOf(ReadOnlySequence<byte> preamble) =>
        (GrainId)s_identity.GetValue(s_readPreamble.Invoke(_preambles, preamble))!;

    public void Write(PipeWriter output, Received message) => s_write.Invoke(_serializer, output, message.Value);

    private static Type TypeOf(string name) =>
        typeof(Orleans.Runtime.Messaging.ConnectionFrameHelper).Assembly.GetType(name) ?? throw Missing(name);

    private static MethodInvoker MethodOf(string name, params Type[] parameters) =>
        MethodInvoker.Create(s_serializer.GetMethod(name, Members, parameters) ?? throw Missing($"{s_serializer.Name}.{name}"));

    private static PropertyInfo PropertyOf(string name) =>
        s_message.GetProperty(name, Members) ?? throw Missing($"{s_message.Name}.{name}");

    private static MissingMemberException Missing(string name) =>
        new($"This version of Orleans has no {name}; roles need it (MicroSpark:Secrets, MicroSpark:Tls).");

    /// <summary>A message as it came in.</summary>
    internal readonly struct Received(object value)
    {
        public object Value => value;

        /// <summary>Whether it asks for something, and is no answer to a question of a silo's.</summary>
        public bool IsRequest => s_direction.GetValue(value)!.ToString() is "Request" or "OneWay";

        public GrainId Sender => (GrainId)s_sender.GetValue(value)!;

        public GrainId Target => (GrainId)s_target.GetValue(value)!;

        /// <summary>The call; null when the body is none.</summary>
        public IInvokable? Call => s_body.GetValue(value) as IInvokable;

        public Dictionary<string, object>? Context => (Dictionary<string, object>?)s_context.GetValue(value);

        /// <summary>
        /// Makes it a plain call with nothing beside it but this context: no addresses for a silo to remember, and no turn before others.
        /// What is Orleans' own is asked of this silo and of no other that the client names.
        /// </summary>
        public void Plain(Dictionary<string, object> context, SiloAddress? gateway)
        {
            s_silo.SetValue(value, Target.IsSystemTarget() ? gateway : null);
            s_context.SetValue(value, context);
            s_addresses.SetValue(value, null);
            s_system.SetValue(value, false);
        }
    }
}
