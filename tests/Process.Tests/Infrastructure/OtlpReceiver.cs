using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A span as it came by OTLP.</summary>
/// <param name="Parent">Empty of a root.</param>
internal sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags);

/// <summary>A collector: takes traces and metrics by OTLP over HTTP, and keeps what a test asks for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly TaskCompletionSource _measured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, bool> _instruments = new();
    private readonly string[] _awaited;

    private OtlpReceiver(WebApplication server, string[] awaited)
    {
        (_server, _awaited) = (server, awaited);
        server.MapPost("/v1/traces", async (HttpRequest request) => TakeTraces(await BytesAsync(request)));
        server.MapPost("/v1/metrics", async (HttpRequest request) => TakeMetrics(await BytesAsync(request)));
    }

    public Uri Address => new(_server.Urls.Single());

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    /// <summary>Done when all instruments that the test waits for have come.</summary>
    public Task Measured => _measured.Task;

    /// <param name="awaited">Names of instruments.</param>
    public static async Task<OtlpReceiver> StartAsync(params string[] awaited)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(server, awaited);
        await server.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<byte[]> BytesAsync(HttpRequest request)
    {
        Assert.Equal("application/x-protobuf", request.ContentType);
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    // ExportTraceServiceRequest: resource spans (1), of these scope spans (2), of these spans (2).
    private void TakeTraces(byte[] message)
    {
        foreach (var span in Parts(message, 1).SelectMany(one => Parts(one, 2)).SelectMany(one => Parts(one, 2)))
        {
            var tags = Parts(span, 9).ToDictionary(tag => Text(Parts(tag, 1)), tag => ValueOf(Parts(tag, 2).Single()));
            Spans.Enqueue(new ReceivedSpan(Hex(Parts(span, 1)), Hex(Parts(span, 2)), Hex(Parts(span, 4)), Text(Parts(span, 5)), tags));
        }
    }

    // The same with metrics, whose name is field 1.
    private void TakeMetrics(byte[] message)
    {
        foreach (var metric in Parts(message, 1).SelectMany(one => Parts(one, 2)).SelectMany(one => Parts(one, 2)))
        {
            _instruments[Text(Parts(metric, 1))] = true;
        }

        if (_awaited.All(_instruments.ContainsKey))
        {
            _measured.TrySetResult();
        }
    }

    /// <summary>AnyValue: a text (1) or a whole number (3).</summary>
    private static string ValueOf(byte[] value)
    {
        var text = Parts(value, 1);
        return text.Count > 0 ? Text(text) : $"{Fields(value).Single().Number}";
    }

    private static string Text(List<byte[]> parts) => parts.Count == 0 ? "" : Encoding.UTF8.GetString(parts.Single());

    private static string Hex(List<byte[]> parts) => parts.Count == 0 ? "" : Convert.ToHexStringLower(parts.Single());

    private static List<byte[]> Parts(byte[] message, int field) =>
        [.. Fields(message).Where(one => one.Field == field && one.Bytes is not null).Select(one => one.Bytes!)];

    private static List<(int Field, long Number, byte[]? Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, long, byte[]?)>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add((field, Varint(message, ref at), null));
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    fields.Add((field, 0, message[at..(at + length)]));
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"{tag} is no tag of Protocol Buffers.");
            }
        }

        return fields;
    }

    private static long Varint(byte[] message, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
