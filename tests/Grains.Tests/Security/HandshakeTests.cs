using System.IO.Pipelines;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace MicroSpark.Tests.Security;

/// <summary>Both ends of a connection prove one secret, or neither goes on.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task The_same_secret_lets_both_sides_go_on()
    {
        var (caller, answerer) = await ShakeAsync(new Handshake(ClusterSecret.Of("s")), new Handshake(ClusterSecret.Of("s")));

        Assert.Null(caller);
        Assert.Null(answerer);
    }

    [Fact]
    public async Task Another_secret_is_refused_on_both_sides()
    {
        var (caller, answerer) = await ShakeAsync(new Handshake(ClusterSecret.Of("s")), new Handshake(ClusterSecret.Of("t")));

        Assert.Contains("another secret", caller, StringComparison.Ordinal);
        Assert.Contains("refused", answerer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_does_not_know_the_handshake_is_turned_away()
    {
        var (here, there) = Pair();
        var answer = new Handshake(ClusterSecret.Of("s")).AnswerAsync(here, default);

        await there.Transport.Output.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Contains("did not begin", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_sent_back_to_its_maker_is_worth_nothing()
    {
        // The stranger answers each message with what it received: nonces and proofs of the caller itself.
        var (caller, stranger) = Pair();
        var call = new Handshake(ClusterSecret.Of("s")).CallAsync(caller, default);
        var read = await stranger.Transport.Input.ReadAsync();
        var hello = read.Buffer.Slice(0, read.Buffer.Length).ToSpan().ToArray();
        byte[] challenge = [65, 0, 0, 0, 0xC2, .. hello[5..37], .. hello[5..37]];
        await stranger.Transport.Output.WriteAsync(challenge);

        Assert.Contains("another secret", await call, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_is_reported()
    {
        var (here, there) = Pair();
        var call = new Handshake(ClusterSecret.Of("s")).CallAsync(here, default);

        await there.Transport.Output.CompleteAsync();

        Assert.NotNull(await call);
    }

    private static async Task<(string? Caller, string? Answerer)> ShakeAsync(Handshake calls, Handshake answers)
    {
        var (caller, answerer) = Pair();
        var call = calls.CallAsync(caller, default);
        var answer = answers.AnswerAsync(answerer, default);
        return (await call, await answer);
    }

    private static (ConnectionContext Here, ConnectionContext There) Pair()
    {
        Pipe to = new(), from = new();
        return (new PipeConnection(from.Reader, to.Writer), new PipeConnection(to.Reader, from.Writer));
    }

    private sealed class PipeConnection(PipeReader input, PipeWriter output) : ConnectionContext, IDuplexPipe
    {
        public override IDuplexPipe Transport { get => this; set => throw new NotSupportedException(); }

        public override string ConnectionId { get; set; } = "test";

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}

internal static class SequenceExtensions
{
    public static ReadOnlySpan<byte> ToSpan(this System.Buffers.ReadOnlySequence<byte> sequence) => System.Buffers.BuffersExtensions.ToArray(sequence);
}
