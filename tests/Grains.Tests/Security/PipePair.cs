using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace MicroSpark.Tests.Security;

/// <summary>Two ends of a connection without a network.</summary>
internal static class PipePair
{
    public static (PipeConnection Here, PipeConnection There) New()
    {
        Pipe to = new(), from = new();
        return (new PipeConnection(from.Reader, to.Writer), new PipeConnection(to.Reader, from.Writer));
    }

    /// <summary>All that has come so far.</summary>
    public static async Task<byte[]> ReadAsync(this PipeConnection connection)
    {
        var read = await connection.Input.ReadAsync();
        var bytes = System.Buffers.BuffersExtensions.ToArray(read.Buffer);
        connection.Input.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    public static async Task SendAsync(this PipeConnection connection, params byte[] bytes) => await connection.Output.WriteAsync(bytes);
}

internal sealed class PipeConnection(PipeReader input, PipeWriter output) : ConnectionContext, IDuplexPipe
{
    private IDuplexPipe? _transport;

    public override IDuplexPipe Transport { get => _transport ?? this; set => _transport = value; }

    public override string ConnectionId { get; set; } = "test";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public ConnectionAbortedException? Aborted { get; private set; }

    public PipeReader Input => input;

    public PipeWriter Output => output;

    public override void Abort(ConnectionAbortedException abortReason) => Aborted = abortReason;
}
