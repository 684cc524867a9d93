using System.Net;
using System.Net.Sockets;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;

namespace MicroSpark.Tests.Security;

/// <summary>The handshake inside TLS: who may come in at which port, and that nobody sits between.</summary>
public sealed class TlsHandshakeTests : IDisposable
{
    private static readonly IPEndPoint s_silo = new(IPAddress.Loopback, 7000);
    private static readonly IPEndPoint s_gateway = new(IPAddress.Loopback, 7001);

    private readonly TestCertificates _ours = new();
    private readonly HandshakeLog _log = new();

    [Theory]
    [InlineData("Silo")]
    [InlineData("Gateway")]
    public async Task Workers_come_in_at_both_ports(string door) =>
        Assert.Equal("question", await CallAsync(Enum.Parse<Door>(door), _ours.Files(_ours.Worker()), _ours.Files(_ours.Worker())));

    [Fact]
    public async Task A_client_comes_in_at_the_gateway_alone()
    {
        Assert.Equal("question", await CallAsync(Door.Gateway, _ours.Files(_ours.Client()), _ours.Files(_ours.Worker())));
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(
            () => CallAsync(Door.Silo, _ours.Files(_ours.Client()), _ours.Files(_ours.Worker())));
        Assert.Contains("MicroSpark:Tls:Certificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_turned_away_with_the_way_out_where_one_is_asked_for()
    {
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(
            () => CallAsync(Door.Gateway, _ours.Files(null), _ours.Files(_ours.Worker())));
        Assert.Contains("MicroSpark:Tls:Certificate", error.Message, StringComparison.Ordinal);
        Assert.Equal(HandshakeEnd.Certificate, _log.LastRefusal!.End);

        Assert.Equal("question", await CallAsync(Door.Gateway, _ours.Files(null), _ours.Files(_ours.Worker(), requireClients: false)));
    }

    [Fact]
    public async Task A_client_does_not_talk_to_another_client_or_to_another_cluster()
    {
        using var theirs = new TestCertificates();
        var serving = _ours.Issue(PeerCertificate.NameOf("microspark", "client"), [PeerCertificate.ServerUse, PeerCertificate.ClientUse]);
        foreach (var own in new[] { serving, _ours.Worker("other"), theirs.Worker() })
        {
            var error = await Assert.ThrowsAsync<ConnectionAbortedException>(
                () => CallAsync(Door.Gateway, _ours.Files(_ours.Client()), _ours.Files(own)));
            Assert.Contains("no worker of this cluster", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_one_end_has_certificates_and_the_other_none_nothing_is_said(bool callerHas)
    {
        var files = _ours.Files(_ours.Worker());
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => CallAsync(Door.Gateway, callerHas ? files : null, callerHas ? null : files));
        Assert.NotEqual(HandshakeEnd.OtherSecret, _log.LastRefusal!.End);
    }

    /// <summary>It was asked for, before anything was proved: at an address that a stranger chose, for as long as that took to answer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_a_certificate_says_that_its_issuer_is_to_be_had_nobody_asks(bool caller)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var theirs = new TestCertificates();
        var strange = theirs.Files(theirs.Issue(
            PeerCertificate.NameOf("microspark", "worker"), [PeerCertificate.ServerUse, PeerCertificate.ClientUse],
            issuerAt: $"http://{listener.LocalEndpoint}/ca.cer"));
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => caller
            ? CallAsync(Door.Gateway, strange, _ours.Files(_ours.Worker()))
            : CallAsync(Door.Gateway, _ours.Files(_ours.Worker()), strange));
        Assert.False(listener.Pending());
    }

    /// <summary>He has a worker's certificate, and no secret: each end sees his on the other side.</summary>
    [Fact]
    public async Task Whoever_sits_between_two_ends_with_a_certificate_of_his_own_is_noticed()
    {
        var (caller, callerEnd) = PipePair.New();
        var (answererEnd, answerer) = PipePair.New();
        caller.RemoteEndPoint = s_gateway;
        var between = _ours.Files(_ours.Worker());
        var call = Middleware(_ours.Files(_ours.Client())).Outbound(Door.Gateway).OnConnectionAsync(caller, static _ => Task.CompletedTask);
        var answer = Middleware(_ours.Files(_ours.Worker()), new Details()).Inbound(Door.Gateway).OnConnectionAsync(
            answerer, static _ => throw new InvalidOperationException("It was let in."));
        var relay = RelayAsync(
            await TlsTransport.AnswerAsync(callerEnd, between, default), await TlsTransport.CallAsync(answererEnd, between, default));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => answer);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => call);
        await caller.Output.CompleteAsync();
        await answerer.Output.CompleteAsync();
        await relay;
        Assert.Equal(HandshakeEnd.OtherSecret, _log.LastRefusal!.End);
    }

    public void Dispose() => _ours.Dispose();

    private static async Task RelayAsync(TlsTransport one, TlsTransport two)
    {
        try
        {
            await Task.WhenAll(one.Input.CopyToAsync(two.Output), two.Input.CopyToAsync(one.Output));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // An end hung up.
        }
    }

    /// <summary>What the answerer reads of what the caller wrote.</summary>
    private async Task<string> CallAsync(Door door, TlsFiles? calls, TlsFiles? answers)
    {
        var (caller, answerer) = PipePair.New();
        caller.RemoteEndPoint = door == Door.Silo ? s_silo : s_gateway;
        var got = "";
        var received = Middleware(answers, new Details()).Inbound(door).OnConnectionAsync(answerer, async connection =>
        {
            var read = await connection.Transport.Input.ReadAsync();
            got = System.Text.Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        });
        var hangUp = received.ContinueWith(_ => answerer.Output.Complete(), TaskScheduler.Default);
        try
        {
            await Middleware(calls).Outbound(door).OnConnectionAsync(caller, static async connection =>
                await connection.Transport.Output.WriteAsync("question"u8.ToArray()));
            await received;
        }
        finally
        {
            await caller.Output.CompleteAsync();
            await hangUp;
        }

        return got;
    }

    private HandshakeMiddleware Middleware(TlsFiles? tls, ILocalSiloDetails? details = null) => new(
        new Handshake(TestSecrets.Of("s")), details is null ? _log : new HandshakeLog(), NullLogger<HandshakeMiddleware>.Instance,
        new Infrastructure.ManualTime(), new AuditLog(NullLoggerFactory.Instance, TimeProvider.System), null, details, tls);

    private sealed class Details : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(s_silo, 1);

        public SiloAddress GatewayAddress { get; } = SiloAddress.New(s_gateway, 1);
    }
}
