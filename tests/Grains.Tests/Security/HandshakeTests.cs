using System.Net;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>Both ends of a connection prove one secret, or neither goes on; whoever stands between or guesses gains nothing.</summary>
public sealed class HandshakeTests
{
    private const string Silo = "127.0.0.1:7000@1";
    private static readonly Callee s_gateway = Callee.Of(Door.Gateway, new IPEndPoint(IPAddress.Loopback, 7001));
    private static readonly Callee s_silo = Callee.Of(Door.Silo, new IPEndPoint(IPAddress.Loopback, 7000));

    [Fact]
    public async Task The_same_secret_lets_both_sides_go_on_with_the_same_keys()
    {
        var (caller, answerer) = await ShakeAsync(TestSecrets.Of("s"), TestSecrets.Of("s"));

        Assert.Equal(HandshakeEnd.Accepted, caller.End);
        Assert.Equal(HandshakeEnd.Accepted, answerer.End);
        Assert.Equal(caller.Keys!.CallerKey, answerer.Keys!.CallerKey);
        Assert.Equal(caller.Keys.AnswererKey, answerer.Keys.AnswererKey);
        Assert.NotEqual(caller.Keys.CallerKey, caller.Keys.AnswererKey);
    }

    [Fact]
    public async Task No_two_connections_have_the_same_keys()
    {
        var (one, _) = await ShakeAsync(TestSecrets.Of("s"), TestSecrets.Of("s"));
        var (two, _) = await ShakeAsync(TestSecrets.Of("s"), TestSecrets.Of("s"));

        Assert.NotEqual(one.Keys!.CallerKey, two.Keys!.CallerKey);
    }

    [Fact]
    public async Task Another_secret_is_refused_on_both_sides()
    {
        var (caller, answerer) = await ShakeAsync(TestSecrets.Of("s"), TestSecrets.Of("t"));

        Assert.Equal(HandshakeEnd.OtherSecret, caller.End);
        Assert.Contains("another secret", caller.Problem, StringComparison.Ordinal);
        Assert.Equal(HandshakeEnd.OtherSecret, answerer.End);
        Assert.Contains("another secret", answerer.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("old", "old new")]
    [InlineData("new", "old new")]
    [InlineData("old new", "new old")]
    [InlineData("new old", "old new")]
    public async Task While_a_secret_is_changed_both_are_accepted(string calls, string answers)
    {
        var (caller, answerer) = await ShakeAsync(Several(calls), Several(answers));

        Assert.Null(caller.Problem);
        Assert.Null(answerer.Problem);
    }

    [Fact]
    public async Task A_third_one_is_not()
    {
        var (caller, _) = await ShakeAsync(Several("third"), Several("old new"));

        Assert.Equal(HandshakeEnd.OtherSecret, caller.End);
    }

    [Theory]
    [InlineData("Gateway", "ann", "ann", "Read, Submit")]
    [InlineData("Gateway", "wim", "wim", "All")]
    [InlineData("Gateway", "own", "cluster", "All")]
    [InlineData("Silo", "wim", "wim", "All")]
    [InlineData("Silo", "own", "cluster", "All")]
    [InlineData("Silo", "ann", null, null)]
    public async Task The_secret_says_who_calls_and_whether_he_may_come_in_at_this_port(string door, string secret, string? name, string? rights)
    {
        var known = TestSecrets.Of("own", ("ann", Rights.Read | Rights.Submit), ("wim", Rights.All));
        var (caller, answerer) = PipePair.New();
        var called = new Callee(Enum.Parse<Door>(door), "127.0.0.1:7000");
        var call = new Handshake(TestSecrets.Of(secret)).CallAsync(caller, called, [], default);
        var answer = await new Handshake(known).AnswerAsync(answerer, called, Silo, [], default);

        Assert.Equal(name is null ? HandshakeEnd.Role : HandshakeEnd.Accepted, (await call).End);
        Assert.Equal((name, rights), (answer.Caller?.Name, answer.Caller?.Rights.ToString()));
    }

    /// <summary>Else one Hello were enough to test guesses of a secret at home.</summary>
    [Fact]
    public async Task Whoever_has_not_proved_the_secret_is_told_nothing_that_depends_on_it()
    {
        var (here, stranger) = PipePair.New();
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(here, s_silo, Silo, [], default);

        await stranger.SendAsync(Hello(s_silo));
        var challenge = await stranger.ReadAsync();
        await stranger.SendAsync([33, 0, 0, 0, 0xC3, .. new byte[32]]);
        var refusal = await stranger.ReadAsync();

        // A nonce and the silo's name, and then that it was not right.
        Assert.Equal(sizeof(int) + 1 + 32 + Silo.Length, challenge.Length);
        Assert.Equal([2, 0, 0, 0, 0xC5, 1], refusal);
        Assert.Equal(HandshakeEnd.OtherSecret, (await answer).End);
    }

    [Theory]
    [InlineData("Gateway", "127.0.0.1", 7001)]
    [InlineData("Gateway", "127.0.0.1", 7000)]
    [InlineData("Silo", "127.0.0.1", 7002)]
    [InlineData("Silo", "127.0.0.2", 7000)]
    public async Task A_call_that_is_relayed_to_another_port_is_refused_there(string door, string address, int port)
    {
        var (caller, callerEnd) = PipePair.New();
        var (answererEnd, answerer) = PipePair.New();
        var relay = Task.WhenAll(callerEnd.Input.CopyToAsync(answererEnd.Output), answererEnd.Input.CopyToAsync(callerEnd.Output));
        var meant = Callee.Of(Enum.Parse<Door>(door), new IPEndPoint(IPAddress.Parse(address), port));
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(caller, meant, [], default);
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(answerer, s_silo, Silo, [], default);

        Assert.Equal(HandshakeEnd.OtherPeer, (await call).End);
        var refused = await answer;
        Assert.Equal(HandshakeEnd.OtherPeer, refused.End);
        Assert.Contains($"{address}:{port}", refused.Problem, StringComparison.Ordinal);
        await caller.Output.CompleteAsync();
        await answerer.Output.CompleteAsync();
        await relay;
    }

    [Fact]
    public async Task A_relay_that_changes_who_is_called_changes_the_proof()
    {
        var (caller, callerEnd) = PipePair.New();
        var (answererEnd, answerer) = PipePair.New();
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(caller, s_gateway, [], default);
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(answerer, s_silo, Silo, [], default);

        var hello = await callerEnd.ReadAsync();
        await answererEnd.SendAsync([.. hello[..38], .. s_silo.Encode()]);
        await callerEnd.SendAsync(await answererEnd.ReadAsync());
        await answererEnd.SendAsync(await callerEnd.ReadAsync());
        await callerEnd.SendAsync(await answererEnd.ReadAsync());

        Assert.Equal(HandshakeEnd.OtherSecret, (await answer).End);
        Assert.Equal(HandshakeEnd.OtherSecret, (await call).End);
    }

    [Fact]
    public async Task An_old_conversation_cannot_be_played_again()
    {
        var (caller, callerEnd) = PipePair.New();
        var (answererEnd, answerer) = PipePair.New();
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(caller, s_silo, [], default);
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(answerer, s_silo, Silo, [], default);
        var hello = await callerEnd.ReadAsync();
        await answererEnd.SendAsync(hello);
        await callerEnd.SendAsync(await answererEnd.ReadAsync());
        var proof = await callerEnd.ReadAsync();
        await answererEnd.SendAsync(proof);
        await callerEnd.SendAsync(await answererEnd.ReadAsync());
        Assert.Equal(HandshakeEnd.Accepted, (await answer).End);
        Assert.Equal(HandshakeEnd.Accepted, (await call).End);

        var (again, stranger) = PipePair.New();
        var second = new Handshake(TestSecrets.Of("s")).AnswerAsync(again, s_silo, Silo, [], default);
        await stranger.SendAsync(hello);
        await stranger.ReadAsync();
        await stranger.SendAsync(proof);

        Assert.Equal(HandshakeEnd.OtherSecret, (await second).End);
    }

    [Fact]
    public async Task A_caller_that_does_not_know_the_handshake_is_turned_away()
    {
        var (here, there) = PipePair.New();
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(here, s_silo, Silo, [], default);

        await there.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Contains("did not begin", (await answer).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_sent_back_to_its_maker_is_worth_nothing()
    {
        // The stranger answers each message with what it received: nonces and proofs of the caller itself.
        var (caller, stranger) = PipePair.New();
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(caller, s_silo, [], default);
        var hello = await stranger.ReadAsync();
        await stranger.SendAsync([33, 0, 0, 0, 0xC2, .. hello[6..38]]);
        var proof = await stranger.ReadAsync();
        await stranger.SendAsync([33, 0, 0, 0, 0xC4, .. proof[5..]]);

        Assert.Equal(HandshakeEnd.OtherSecret, (await call).End);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_at_once_may_be_one_without_handshakes()
    {
        var (here, there) = PipePair.New();
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(here, s_silo, [], default);

        await there.Output.CompleteAsync();

        Assert.Equal(HandshakeEnd.NotSecured, (await call).End);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_in_the_middle_is_not_said_to_have_another_secret()
    {
        var (here, there) = PipePair.New();
        var call = new Handshake(TestSecrets.Of("s")).CallAsync(here, s_silo, [], default);

        await there.SendAsync([33, 0, 0, 0, 0xC2, .. new byte[32]]);
        await there.ReadAsync();
        await there.Output.CompleteAsync();

        var result = await call;
        Assert.Equal(HandshakeEnd.Unfinished, result.End);
        Assert.DoesNotContain("secret", result.Problem, StringComparison.Ordinal);
    }

    /// <summary>A load balancer or a kubelet does so every few seconds.</summary>
    [Fact]
    public async Task A_caller_that_says_nothing_and_leaves_was_not_refused()
    {
        var (here, there) = PipePair.New();
        var answer = new Handshake(TestSecrets.Of("s")).AnswerAsync(here, s_silo, Silo, [], default);

        await there.Output.CompleteAsync();

        Assert.Equal(HandshakeEnd.Left, (await answer).End);
    }

    private static ClusterSecret Several(string names) => ClusterSecret.Of(string.Join(' ', names.Split(' ').Select(TestSecrets.TextOf)));

    private static byte[] Hello(Callee called)
    {
        byte[] payload = [0xC1, 1, .. new byte[32], .. called.Encode()];
        return [.. BitConverter.GetBytes(payload.Length), .. payload];
    }

    private static async Task<(HandshakeResult Caller, HandshakeResult Answerer)> ShakeAsync(ClusterSecret calls, ClusterSecret answers)
    {
        var (caller, answerer) = PipePair.New();
        var call = new Handshake(calls).CallAsync(caller, s_silo, [], default);
        var answer = new Handshake(answers).AnswerAsync(answerer, s_silo, Silo, [], default);
        return (await call, await answer);
    }
}
