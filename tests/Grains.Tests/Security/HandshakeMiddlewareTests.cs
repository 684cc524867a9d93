using System.Net;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;

namespace MicroSpark.Tests.Security;

/// <summary>What Orleans' protocol runs on after the handshake, and what is said of peers that do not finish one.</summary>
public sealed class HandshakeMiddlewareTests
{
    private static readonly IPEndPoint s_silo = new(IPAddress.Loopback, 7000);

    private readonly Infrastructure.ManualTime _time = new();
    private readonly HandshakeLog _log = new();

    [Fact]
    public async Task What_follows_the_handshake_is_sealed_and_arrives()
    {
        var (caller, answerer) = PipePair.New();
        caller.RemoteEndPoint = s_silo;
        var sent = Middleware().Outbound(Door.Silo).OnConnectionAsync(caller, static async connection =>
        {
            Assert.IsType<SealedTransport>(connection.Transport);
            await connection.Transport.Output.WriteAsync("question"u8.ToArray());
        });
        var got = "";
        var received = Middleware(new Details()).Inbound(Door.Silo).OnConnectionAsync(answerer, async connection =>
        {
            var read = await connection.Transport.Input.ReadAsync();
            got = System.Text.Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        });

        await Task.WhenAll(sent, received);

        Assert.Equal("question", got);
        Assert.True(_log.Accepted);
    }

    /// <summary>Under load it was told that its secret was refused, and its program ended.</summary>
    [Fact]
    public async Task A_slow_peer_is_not_said_to_have_another_secret()
    {
        var (caller, _) = PipePair.New();
        caller.RemoteEndPoint = s_silo;
        var call = Middleware().Outbound(Door.Silo).OnConnectionAsync(caller, static _ => Task.CompletedTask);

        _time.Advance(HandshakeMiddleware.Patience);

        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => call);
        Assert.Contains("slow", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Equal(HandshakeEnd.Unfinished, _log.LastRefusal!.End);
        Assert.False(_log.FirstRefusal.IsCompleted);
        Assert.NotNull(caller.Aborted);
    }

    /// <summary>An abort took the frame back, and the caller heard of a connection that was reset, and tried for a minute.</summary>
    [Fact]
    public async Task A_caller_of_another_secret_is_told_so_before_the_connection_ends()
    {
        var (caller, answerer) = PipePair.New();
        caller.RemoteEndPoint = s_silo;
        var call = Middleware(secret: "another").Outbound(Door.Silo).OnConnectionAsync(caller, static _ => Task.CompletedTask);

        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(
            () => Middleware(new Details()).Inbound(Door.Silo).OnConnectionAsync(answerer, static _ => Task.CompletedTask));

        Assert.Contains("another secret", error.Message, StringComparison.Ordinal);
        Assert.Null(answerer.Aborted);
        var told = await Assert.ThrowsAsync<ConnectionAbortedException>(() => call);
        Assert.Contains("refused this process's secret", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OtherSecret", 1)]
    [InlineData("OtherPeer", 1)]
    [InlineData("NotSecured", 3)]
    [InlineData("Unfinished", int.MaxValue)]
    public void A_start_is_given_up_for_what_waiting_does_not_mend(string end, int times)
    {
        for (var i = 1; i <= 5; i++)
        {
            _log.Add(new Refusal(Outbound: false, s_silo, Enum.Parse<HandshakeEnd>(end), "a stranger's fault"));
            _log.Add(new Refusal(Outbound: true, s_silo, Enum.Parse<HandshakeEnd>(end), "why"));
            Assert.Equal(i >= times, _log.FirstRefusal.IsCompleted);
        }
    }

    [Fact]
    public async Task Strangers_who_do_not_go_on_take_a_bounded_share_of_the_port()
    {
        var gateway = Middleware(new Details()).Inbound(Door.Gateway);
        var (strangers, ends) = (new List<PipeConnection>(), new List<Task>());
        for (var i = 0; i < HalfOpen.MostOfAddress; i++)
        {
            var (stranger, here) = PipePair.New();
            here.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, i);
            strangers.Add(stranger);
            ends.Add(gateway.OnConnectionAsync(here, static _ => Task.CompletedTask));
        }

        var (_, more) = PipePair.New();
        more.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 9999);
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => gateway.OnConnectionAsync(more, static _ => Task.CompletedTask));
        Assert.Contains("under way", error.Message, StringComparison.Ordinal);

        strangers.ForEach(static stranger => stranger.Output.Complete());
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Task.WhenAll(ends));
        var (caller, answerer) = PipePair.New();
        caller.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 7001);
        answerer.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1);
        await Task.WhenAll(
            Middleware().Outbound(Door.Gateway).OnConnectionAsync(caller, static _ => Task.CompletedTask),
            gateway.OnConnectionAsync(answerer, static _ => Task.CompletedTask));
    }

    private HandshakeMiddleware Middleware(ILocalSiloDetails? details = null, string secret = "s") =>
        new(new Handshake(TestSecrets.Of(secret)), _log, NullLogger<HandshakeMiddleware>.Instance, _time, new AuditLog(NullLoggerFactory.Instance, _time), null, details);

    private sealed class Details : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(s_silo, 1);

        public SiloAddress GatewayAddress { get; } = SiloAddress.New(IPAddress.Loopback, 7001, 1);
    }
}
