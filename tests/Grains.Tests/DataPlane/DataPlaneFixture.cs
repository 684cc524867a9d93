using System.Buffers;
using System.Net;
using MicroSpark.Code;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace MicroSpark.Tests.DataPlane;

/// <summary>One worker's stores behind a real server on loopback, and a transport that knows the way.</summary>
internal sealed class DataPlaneFixture : IAsyncDisposable
{
    public static readonly WorkerId Worker = new("127.0.0.1:1@1");

    private readonly DataPlaneServer _server;

    private DataPlaneFixture(DataPlaneServer server, HttpBlockTransport transport, WorkerStores stores)
    {
        _server = server;
        Transport = transport;
        Stores = stores;
    }

    public HttpBlockTransport Transport { get; }

    public WorkerStores Stores { get; }

    public Uri Uri => _server.Uri!;

    public static async Task<DataPlaneFixture> StartAsync(ClusterSecret? serverSecret = null, ClusterSecret? clientSecret = null, bool pack = false, TlsFiles? tls = null)
    {
        serverSecret ??= TestSecrets.Of("secret");
        var stores = new WorkerStores(Worker, new BlockStore(new MemoryPool(long.MaxValue, 2), new SpillFolder(null), CodeSpace.Process, TimeProvider.System), new BlobStore(), CodeSpace.Process);
        var server = new DataPlaneServer(stores, Proofs(serverSecret), Audit(), new Infrastructure.ManualTime(), NullLoggerFactory.Instance, tls);
        await server.StartAsync(IPAddress.Loopback, 0, default);
        return new DataPlaneFixture(server, TransportTo(server.Uri!, clientSecret ?? serverSecret, pack), stores);
    }

    public static HttpBlockTransport TransportTo(Uri uri, ClusterSecret secret, bool pack = false, TlsFiles? tls = null) =>
        new((_, _) => new ValueTask<Uri?>(uri), Proofs(secret), shareProcess: false, TimeProvider.System, pack, tls);

    public static RequestProof Proofs(ClusterSecret secret) => new(secret, new ReplayGuard(TimeProvider.System), TimeProvider.System, Caller.Worker);

    public static AuditLog Audit() => new(NullLoggerFactory.Instance, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        Transport.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Answers of <c>POST /blocks</c>, sealed by hand.</summary>
internal static class SealedAnswer
{
    private static readonly byte[] s_key = new byte[32];

    public static PieceSeal NewSeal() => new(s_key);

    public static byte[] Of(params ControlMessage[] messages) => Of(s_key, messages);

    public static byte[] Of(byte[] key, params ControlMessage[] messages)
    {
        using var seal = new PieceSeal(key);
        return [.. messages.SelectMany(message => Sealed(message, seal))];
    }

    public static byte[] Sealed(ControlMessage message, PieceSeal seal)
    {
        var bytes = message.Bytes.ToArray();
        BlockWire.Seal(bytes, message.Position, message.First, seal);
        return bytes;
    }

    public static ControlMessage Frame(int position, long first, params byte[] elements)
    {
        var message = BlockWire.Control(position, first, elements);
        FrameHeader.Of(elements.Length, elements).Write(message.Bytes.AsSpan(BlockWire.Before));
        return message;
    }
}

/// <summary>Blocks and what is read of them.</summary>
internal static class TestBlocks
{
    public static Block Of<T>(params T[][] buckets)
    {
        var ends = new int[buckets.Length];
        for (var b = 0; b < ends.Length; b++)
        {
            ends[b] = (b == 0 ? 0 : ends[b - 1]) + buckets[b].Length;
        }

        return new BucketBlock<T>([.. buckets.SelectMany(static b => b)], ends, null, buckets.Length, 0);
    }

    /// <summary>All elements that a stream brings, by the position of their block.</summary>
    public static List<T>[] ReadAll<T>(BlockStream stream, int blocks)
    {
        var got = Enumerable.Range(0, blocks).Select(static _ => new List<T>()).ToArray();
        var frames = new FrameDecoder<T>(CodeSpace.Process);
        while (stream.Next())
        {
            got[stream.Position].AddRange(frames.Read(stream.Header, stream.Payload));
        }

        return got;
    }
}

/// <summary>A block that cannot be encoded.</summary>
internal sealed class FailingBlock(Exception error) : Block
{
    public override int Buckets => 1;

    public override long Count => 1;

    public override long Bytes => 1;

    public override ulong Fingerprint => 0;

    public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => throw error;
}
