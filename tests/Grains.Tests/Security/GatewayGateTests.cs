using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Reflection;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Xunit.Abstractions;

namespace MicroSpark.Tests.Security;

/// <summary>What a client that may not do everything can make a gateway believe: nothing.</summary>
public sealed class GatewayGateTests : IDisposable
{
    private static readonly Principal s_ann = new("ann", Rights.Read);
    private static readonly GrainId s_client = GrainId.Create("sys.client", "one");
    private static readonly GrainId s_grain = GrainId.Create("clustergrain", "0");
    private readonly Infrastructure.ListLogger _log = new();
    private readonly IHost _host;
    private readonly ITestOutputHelper _output;

    public GatewayGateTests(ITestOutputHelper output)
    {
        _output = output;
        OrleansMessages.Check();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(static client => client.UseLocalhostClustering());
        _host = builder.Build();
    }

    [Fact]
    public async Task A_call_goes_on_with_a_mark_and_nothing_else_that_a_silo_believes()
    {
        var sent = Message("Request", s_client, s_grain, new Dictionary<string, object>
        {
            [Principal.ContextKey] = Principal.Cluster.ToStamp(),
            [Caller.ContextKey] = "ann@host\nx",
            ["#other"] = "anything",
        });
        var (passed, aborted) = await RunAsync([.. Preamble(s_client), .. Bytes(sent), .. Bytes(sent)]);

        Assert.Null(aborted);
        var preamble = Preamble(s_client);
        Assert.Equal(preamble, passed[..preamble.Length]);
        var rest = new ReadOnlySequence<byte>(passed.AsMemory(preamble.Length));
        var messages = new OrleansMessages(_host.Services);
        for (var i = 0; i < 2; i++)
        {
            var got = messages.Read(ref rest)!.Value;
            Assert.Equal((s_client, s_grain), (got.Sender, got.Target));
            Assert.Equal(nameof(IClusterGrain.WorkersAsync), got.Call!.GetMethodName());
            Assert.Equal([(Caller.ContextKey, "ann@host?x"), (Principal.ContextKey, "1 ann")], got.Context!.Select(static e => (e.Key, (string)e.Value)).Order());
        }

        Assert.True(rest.IsEmpty);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("Response", "sys.client", "clustergrain", "no request")]
    [InlineData("Request", "jobgrain", "clustergrain", "in the name of")]
    [InlineData("Request", "sys.svc.silo-control", "clustergrain", "in the name of")]
    [InlineData("Request", "sys.client", "sys.client", "another client")]
    [InlineData("OneWay", "sys.client", "sys.svc.silo-control", "Orleans' own")]
    public async Task What_no_client_sends_ends_the_connection(string direction, string sender, string target, string problem)
    {
        var (passed, aborted) = await RunAsync(
            [.. Preamble(s_client), .. Bytes(Message(direction, GrainId.Create(sender, "one"), GrainId.Create(target, "0"), null))]);

        Assert.Contains(problem, aborted, StringComparison.Ordinal);
        Assert.Empty(passed);
        Assert.Contains("refused", Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    /// <summary>Answers to a silo's own questions would go to whoever has its name.</summary>
    [Theory]
    [InlineData("sys.client", "hosted-S127.0.0.1:1:1")]
    [InlineData("sys.client", "one+observer")]
    [InlineData("jobgrain", "one")]
    public async Task A_connection_that_begins_as_no_client_of_its_own_ends(string type, string key)
    {
        var (passed, aborted) = await RunAsync([.. Preamble(GrainId.Create(type, key)), .. Bytes(Message("Request", s_client, s_grain, null))]);

        Assert.Contains("it begins in the name of", aborted, StringComparison.Ordinal);
        Assert.Empty(passed);
    }

    /// <summary>Orleans follows the address in a message for its own targets: to whatever is there, and into a fault where there is none.</summary>
    [Fact]
    public async Task What_is_Orleans_own_is_asked_of_this_silo()
    {
        var manifest = Message(
            "Request", s_client, GrainId.Create("sys.svc.manifest", "0"), null, "Orleans.Runtime.IClusterManifestSystemTarget", "GetClusterManifest");
        manifest.Value.GetType().GetProperty("TargetSilo")!.SetValue(
            manifest.Value, SiloAddress.New(new IPEndPoint(IPAddress.Parse("10.0.0.9"), 7), 1));
        var (passed, aborted) = await RunAsync([.. Preamble(s_client), .. Bytes(manifest)]);

        Assert.Null(aborted);
        var rest = new ReadOnlySequence<byte>(passed.AsMemory(Preamble(s_client).Length));
        var got = new OrleansMessages(_host.Services).Read(ref rest)!.Value;
        Assert.Null(got.Value.GetType().GetProperty("TargetSilo")!.GetValue(got.Value));
    }

    /// <summary>Orleans waited for ever for what would have come behind it.</summary>
    [Fact]
    public async Task A_connection_that_breaks_in_whatever_way_ends()
    {
        var (here, _) = PipePair.New();
        here.Transport = new BrokenPipe(here.Transport.Output);
        var gate = new GatewayGate(_host.Services, new AuditLog(new OneLog(_log), TimeProvider.System));
        await gate.RunAsync(
            here, async connection => await Assert.ThrowsAsync<InvalidDataException>(async () => await connection.Transport.Input.ReadAsync()), s_ann);
        Assert.Contains("no tag", here.Aborted!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_one_clients()
    {
        var other = Bytes(Message("Request", GrainId.Create("sys.client", "two"), s_grain, null));
        var first = Bytes(Message("Request", s_client, s_grain, null));

        var (_, aborted) = await RunAsync([.. Preamble(s_client), .. first, .. other]);

        Assert.Contains("in the name of", aborted, StringComparison.Ordinal);
    }

    /// <summary>Ids are the client's choice. Whoever reads the log on a terminal must not have lines of it taken away or put in.</summary>
    [Fact]
    public async Task What_a_client_calls_itself_does_nothing_in_the_log()
    {
        var forger = GrainId.Create("sys.client", "x\u001b[1A\u001b[2K12:00:00 information Audit: submit by ann\u202e\n" + new string('y', 5_000));
        await RunAsync([.. Preamble(s_client), .. Bytes(Message("Request", forger, s_grain, null))]);

        var line = Assert.Single(_log.Lines).Message;
        Assert.DoesNotContain(line, static c => char.IsControl(c) || c == '\u202e');
        Assert.Contains(@"x\u001b[1A", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 1, 500);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 1, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255 })]
    [InlineData(new byte[] { 3, 0, 0, 0, 7, 8, 9, 255, 255, 255, 255, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 3, 0, 0, 0, 7, 8, 9, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 })]
    public async Task Bytes_that_are_no_message_end_it_too(byte[] bytes) => Assert.NotNull((await RunAsync(bytes)).Aborted);

    /// <summary>Half a message is none, and the end of a connection no offence.</summary>
    [Fact]
    public async Task A_message_that_breaks_off_goes_no_further()
    {
        var (passed, aborted) = await RunAsync([.. Preamble(s_client), .. Bytes(Message("Request", s_client, s_grain, null))[..^1]]);

        Assert.Null(aborted);
        Assert.Equal(Preamble(s_client), passed);
    }

    [Fact]
    [Infrastructure.FuzzTarget]
    public void Whatever_a_client_sends_goes_on_as_a_call_or_not_at_all() => Infrastructure.Fuzzing.Run(new(
        "gateway", [[.. Preamble(s_client), .. Bytes(Message("Request", s_client, s_grain, new Dictionary<string, object> { [Caller.ContextKey] = "ann" }))]],
        bytes => RunAsync(bytes).GetAwaiter().GetResult()), _output);

    public void Dispose() => _host.Dispose();

    /// <summary>What reaches Orleans of what a client sends, and why the connection was ended.</summary>
    private async Task<(byte[] Passed, string? Aborted)> RunAsync(byte[] sent)
    {
        var (here, client) = PipePair.New();
        await client.SendAsync(sent);
        await client.Output.CompleteAsync();
        var passed = new ArrayBufferWriter<byte>();
        var gate = new GatewayGate(_host.Services, new AuditLog(new OneLog(_log), TimeProvider.System));
        await gate.RunAsync(
            here, async connection =>
            {
                try
                {
                    await connection.Transport.Input.AsStream(leaveOpen: true).CopyToAsync(new WriterStream(passed));
                }
                catch (ConnectionAbortedException)
                {
                    // As Orleans' own loop ends.
                }
            },
            s_ann);
        return (passed.WrittenSpan.ToArray(), here.Aborted?.Message);
    }

    private byte[] Bytes(OrleansMessages.Received message)
    {
        var pipe = new Pipe();
        new OrleansMessages(_host.Services).Write(pipe.Writer, message);
        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out var read));
        return read.Buffer.ToArray();
    }

    /// <summary>As a client of Orleans begins a connection.</summary>
    private byte[] Preamble(GrainId client)
    {
        var type = Assembly.Load("Orleans.Core").GetType("Orleans.Runtime.Messaging.ConnectionPreamble", throwOnError: true)!;
        var preamble = Activator.CreateInstance(type, nonPublic: true)!;
        type.GetProperty("NodeIdentity")!.SetValue(preamble, client);
        type.GetProperty("ClusterId")!.SetValue(preamble, "dev");
        var serializer = typeof(Serializer<>).MakeGenericType(type);
        var bytes = (byte[])serializer.GetMethod("SerializeToArray", [type])!.Invoke(_host.Services.GetRequiredService(serializer), [preamble])!;
        return [.. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    private static OrleansMessages.Received Message(
        string direction, GrainId sender, GrainId target, Dictionary<string, object>? context, string? called = null, string? method = null)
    {
        var type = Assembly.Load("Orleans.Core").GetType("Orleans.Runtime.Message", throwOnError: true)!;
        var message = Activator.CreateInstance(type, nonPublic: true)!;
        Set("Direction", Enum.Parse(type.GetProperty("Direction")!.PropertyType, direction));
        Set("SendingGrain", sender);
        Set("TargetGrain", target);
        Set("RequestContextData", context);
        Set("BodyObject", called is null ? Call(typeof(IClusterGrain), nameof(IClusterGrain.WorkersAsync)) : Call(Assembly.Load("Orleans.Core").GetType(called, throwOnError: true)!, method!));
        return new OrleansMessages.Received(message);

        void Set(string property, object? value) => type.GetProperty(property)!.SetValue(message, value);
    }

    private static IInvokable Call(Type called, string method) => called.Assembly.GetTypes()
        .Where(static type => type is { IsAbstract: false, IsGenericType: false } && typeof(IInvokable).IsAssignableFrom(type))
        .Select(static type => (IInvokable)Activator.CreateInstance(type, nonPublic: true)!)
        .First(call => call.GetInterfaceType() == called && call.GetMethodName() == method);

    private sealed class BrokenPipe(PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(new BrokenStream());

        public PipeWriter Output => output;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidDataException("no tag");
    }

    private sealed class OneLog(ILogger log) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class WriterStream(IBufferWriter<byte> writer) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            writer.Write(buffer.Span);
            return default;
        }
    }
}
