using System.Buffers;
using System.Net;
using MicroSpark.Closures;
using MicroSpark.DataPlane;
using MicroSpark.Security;
using MicroSpark.Storage;
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

    public static async Task<DataPlaneFixture> StartAsync(ClusterSecret? serverSecret = null, ClusterSecret? clientSecret = null)
    {
        serverSecret ??= ClusterSecret.Of("secret");
        var stores = new WorkerStores(Worker, new BlockStore(), new BlobStore(), CodeSpace.Process);
        var server = new DataPlaneServer(stores, Proofs(serverSecret), NullLoggerFactory.Instance);
        await server.StartAsync(IPAddress.Loopback, 0, default);
        return new DataPlaneFixture(server, TransportTo(server.Uri!, clientSecret ?? serverSecret), stores);
    }

    public static HttpBlockTransport TransportTo(Uri uri, ClusterSecret secret) =>
        new((_, _) => new ValueTask<Uri?>(uri), Proofs(secret), shareProcess: false, TimeProvider.System);

    public static RequestProof Proofs(ClusterSecret secret) => new(secret, new ReplayGuard(TimeProvider.System), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        Transport.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>A block whose buckets are given bytes.</summary>
internal sealed class BytesBlock(params byte[][] buckets) : Block
{
    public override int Buckets => buckets.Length;

    public override long Count => buckets.Length;

    public override long Bytes => buckets.Sum(b => b.Length);

    public override ulong Fingerprint => 0;

    public override void EncodeBucket(int bucket, IBufferWriter<byte> output, CodeSpace space) => output.Write(buckets[bucket]);

    public override IEnumerable<ReadOnlyMemory<byte>> Frames(int bucket, CodeSpace space) => throw new NotSupportedException();
}
