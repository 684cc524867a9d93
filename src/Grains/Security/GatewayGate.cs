using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>
/// What stands between the connection of a client that may not do everything and the gateway that it came in at. Orleans believes what a
/// message says of itself, so each one is read here first, and goes on only as what a client sends:
/// <list type="bullet">
/// <item>a request, of a sender that is a client and the same one throughout: else its answer would reach somebody else, as an answer to
/// his question;</item>
/// <item>to a grain, and to no client or system target, but the one that tells a client which grains there are;</item>
/// <item>without a silo's addresses to remember, and with no context but what the caller says of himself for the audit.</item>
/// </list>
/// It is marked with who the caller is (<see cref="Principal.ContextKey"/>). Whether he may make the call is found where it arrives, by the
/// table, so that he is answered in words. All that is not so ends the connection.
/// </summary>
internal sealed class GatewayGate(IServiceProvider services, AuditLog audit)
{
    private const string Manifest = "Orleans.Runtime.IClusterManifestSystemTarget";

    /// <summary>How the ids of silos' own clients begin.</summary>
    private const string OfSilo = "hosted-";

    /// <summary>What stands between a client's key and that of an object which it offers to be called.</summary>
    private const char ObserverMark = '+';

    /// <summary>What Orleans lets a connection begin with.</summary>
    private const int LongestPreamble = 1024;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, Principal caller)
    {
        var bare = connection.Transport;
        var passed = new Pipe();
        connection.Transport = new Passage(passed.Reader, bare.Output);
        var pump = PumpAsync(connection, bare.Input, passed.Writer, caller);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = bare;
            await passed.Reader.CompleteAsync();
            bare.Input.CancelPendingRead();
            await pump;
        }
    }

    /// <summary>Why a message goes no further; null when it does.</summary>
    /// <param name="client">As whom the connection began.</param>
    public static string? Problem(OrleansMessages.Received message, GrainId client)
    {
        var (sender, target) = (message.Sender, message.Target);
        return !message.IsRequest ? "it sends what is no request"
            : client != sender ? $"it calls in the name of {sender}"
            : message.Call is not { } call ? "it sends a request that is no call"
            : target.IsClient() ? "it calls another client"
            : target.IsSystemTarget() && call.GetInterfaceType()?.FullName != Manifest ? $"it calls {target.Type}, which is Orleans' own"
            : null;
    }

    private async Task PumpAsync(ConnectionContext connection, PipeReader input, PipeWriter output, Principal caller)
    {
        Exception? error = null;
        try
        {
            await PassAsync(input, output, caller);
        }
        catch (NotAllowedException e)
        {
            error = new ConnectionAbortedException(e.Message);
            audit.Refused(connection.RemoteEndPoint, "gateway", $"{caller.Name}: {e.Message}");
            connection.Abort((ConnectionAbortedException)error);
        }
        catch (Exception e)
        {
            // The connection broke, or was closed by the other side of this, or what came is not what the peer sent: whoever reads here
            // learns of it, and waits for nothing more.
            error = e;
            if (e is not (IOException or InvalidOperationException or OperationCanceledException))
            {
                connection.Abort(new ConnectionAbortedException($"The connection is of no use any more: {e.Message}", e));
            }
        }

        await output.CompleteAsync(error);
        await input.CompleteAsync();
    }

    private async Task PassAsync(PipeReader input, PipeWriter output, Principal caller)
    {
        var messages = new OrleansMessages(services);
        var gateway = services.GetService<ILocalSiloDetails>()?.GatewayAddress;
        GrainId? client = null;
        while (true)
        {
            var read = await input.ReadAsync();
            var rest = read.Buffer;
            client ??= PassPreamble(messages, ref rest, output);
            while (client is { } known && ReadOne(messages, ref rest) is { } message)
            {
                if (Problem(message, known) is { } problem)
                {
                    throw new NotAllowedException(problem);
                }

                message.Plain(ContextOf(message, caller), gateway);
                messages.Write(output, message);
            }

            var flushed = await output.FlushAsync();
            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted || read.IsCanceled || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    private static OrleansMessages.Received? ReadOne(OrleansMessages messages, ref ReadOnlySequence<byte> rest)
    {
        try
        {
            return rest.IsEmpty ? null : messages.Read(ref rest);
        }
        catch (Exception e)
        {
            // Orleans' reader throws what it meets; whatever it is, nothing behind it can be told apart any more.
            throw new NotAllowedException($"it sends bytes that are no message ({e.GetType().Name})");
        }
    }

    /// <summary>As whom the connection begins; null when more bytes are needed.</summary>
    private static GrainId? PassPreamble(OrleansMessages messages, ref ReadOnlySequence<byte> input, PipeWriter output)
    {
        if (input.Length < sizeof(int))
        {
            return null;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        input.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length is < 0 or > LongestPreamble)
        {
            throw new NotAllowedException("it does not begin as a client of Orleans does");
        }

        if (input.Length < sizeof(int) + length)
        {
            return null;
        }

        var client = IdentityOf(messages, input.Slice(sizeof(int), length));
        foreach (var piece in input.Slice(0, sizeof(int) + length))
        {
            output.Write(piece.Span);
        }

        input = input.Slice(sizeof(int) + length);
        return client;
    }

    /// <summary>Answers go to whom the connection begins as: to none but a client, and to no client that is a silo's own.</summary>
    private static GrainId IdentityOf(OrleansMessages messages, ReadOnlySequence<byte> preamble)
    {
        GrainId client;
        try
        {
            client = messages.IdentityOf(preamble);
        }
        catch (Exception e)
        {
            throw new NotAllowedException($"it does not begin as a client of Orleans does ({e.GetType().Name})");
        }

        var key = client.IsDefault ? "" : client.Key.ToString()!;
        return key.Length > 0 && client.IsClient() && !key.Contains(ObserverMark) && !key.StartsWith(OfSilo, StringComparison.Ordinal)
                ? client
                : throw new NotAllowedException($"it begins in the name of {client}");
    }

    private static Dictionary<string, object> ContextOf(OrleansMessages.Received message, Principal caller)
    {
        var context = new Dictionary<string, object>(2) { [Principal.ContextKey] = caller.ToStamp() };
        if (message.Context?.GetValueOrDefault(Caller.ContextKey) is string said)
        {
            context.Add(Caller.ContextKey, Caller.Clean(said));
        }

        return context;
    }

    /// <summary>The client does what no client does.</summary>
    private sealed class NotAllowedException(string problem) : Exception(problem);

    private sealed class Passage(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
