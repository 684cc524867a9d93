using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Reads and writes what other workers hold, over their HTTP data planes. Workers of this process are reached by reference unless
/// they are told to behave as strangers.
/// </summary>
/// <param name="find">Where a worker's data plane listens; asked once per worker, since a worker never moves.</param>
/// <param name="tls">Null without certificates; with them workers that serve without TLS are not read.</param>
/// <param name="packAlways">Whether workers of this host pack what they send too, as those of others do.</param>
/// <param name="life">Gives what is cancelled when the cluster gives a worker up; null where nobody knows.</param>
/// <param name="blockPatience">
/// How long a worker may be silent that is asked for blocks; <see cref="Patience"/> when null. It is for those who get what is lost
/// elsewhere, and do not follow the members: no verdict ends their reads.
/// </param>
/// <param name="shareProcess">False with <c>Isolation = Simulated</c>: then everything goes through sockets.</param>
internal sealed class HttpBlockTransport(
    Func<WorkerId, CancellationToken, ValueTask<Uri?>> find, RequestProof proofs, bool shareProcess, TimeProvider time,
    bool packAlways = false,
    TlsFiles? tls = null,
    Func<WorkerId, CancellationToken>? life = null,
    TimeSpan? blockPatience = null) : IBlockTransport, IDisposable
{
    /// <summary>How long a worker may be silent, between a request and its answer or within an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A shorter list is sent with each request.</summary>
    private const int LeastTold = 64;

    private readonly ConcurrentDictionary<WorkerId, Uri> _uris = new();

    // As long as somebody holds the list, which is one for all reducers of a map's version.
    private readonly ConditionalWeakTable<BlockList, ToldList> _told = [];
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),

        // Slots bound the streams, and each holds its connection to its end. With a bound here, tasks that hold some streams would wait
        // for connections that other tasks hold, and those for theirs.
        MaxConnectionsPerServer = int.MaxValue,

        // TLS is put on here and not by the handler: it reads certificates anew for each connection, and knows peers by their role.
        PlaintextStreamFilter = tls is { } files ? (context, stop) => OpenAsync(context.PlaintextStream, files, stop) : null,
    });

    public WorkerStores? Neighbour(WorkerId worker) => shareProcess ? LocalWorkers.Find(worker) : null;

    public async Task<byte[]?> GetBlobAsync(WorkerId from, BlobName name, CancellationToken cancellationToken)
    {
        if (Neighbour(from) is { } local)
        {
            return local.Blobs.TryGet(name, out var known) ? known : null;
        }

        using var call = new DataPlaneCall(from, time, LifeOf(from), cancellationToken);
        using var response = await SendAsync(call, HttpMethod.Get, $"/blobs/{name}", default, default, HttpStatusCode.NotFound);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        return Checked(from, name, await call.ReadAllAsync(response));
    }

    public async Task<BlobAnswer> AskBlobAsync(
        WorkerId from, BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken)
    {
        if (Neighbour(from) is { } local)
        {
            return new BlobAnswer(local.Blobs.MayRead(name, owner) && local.Blobs.TryGet(name, out var known) ? known : null, []);
        }

        using var call = new DataPlaneCall(from, time, LifeOf(from), cancellationToken);
        var body = BlobWire.EncodeQuestion(reader, asks, owner);
        using var response = await SendAsync(call, HttpMethod.Post, $"/blobs/{name}", body, body, HttpStatusCode.SeeOther);
        var content = await call.ReadAllAsync(response);
        return response.StatusCode == HttpStatusCode.SeeOther
            ? new BlobAnswer(null, BlobWire.DecodeOthers(content))
            : new BlobAnswer(Checked(from, name, content), []);
    }

    public async Task<bool> HasBlobAsync(WorkerId at, BlobName name, CancellationToken cancellationToken)
    {
        if (Neighbour(at) is { } local)
        {
            return local.Blobs.Has(name);
        }

        using var call = new DataPlaneCall(at, time, LifeOf(at), cancellationToken);
        using var response = await SendAsync(call, HttpMethod.Head, $"/blobs/{name}", default, default, HttpStatusCode.NotFound);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    public async Task PutBlobAsync(WorkerId to, BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (Neighbour(to) is { } local)
        {
            local.Blobs.Put(name, content.ToArray());
            return;
        }

        using var call = new DataPlaneCall(to, time, LifeOf(to), cancellationToken);
        using var response = await SendAsync(call, HttpMethod.Put, $"/blobs/{name}", content, default, HttpStatusCode.NoContent);
    }

    public BlockStream Open(WorkerId from, BlockRequest request, CancellationToken cancellationToken)
    {
        return new HttpBlockStream(from, request, SendAsync, time, blockPatience ?? Patience, LifeOf(from), cancellationToken).Start();

        async Task<HttpResponseMessage> SendAsync(DataPlaneCall call, int first, long skip)
        {
            try
            {
                // Packing costs more than loopback's bytes and less than a network's.
                var far = await call.GuardAsync(stop => UriOfAsync(from, stop)).ConfigureAwait(false) is { } uri
                    && (packAlways || !uri.IsLoopback);
                if (!request.List.Repeats || request.Blocks.Count < LeastTold)
                {
                    var body = BlockWire.EncodeRequest(request, first, skip, far);
                    var path = request.Job is { } job ? $"/blocks/{job}" : "/blocks";
                    return await this.SendAsync(call, HttpMethod.Post, path, body, body, HttpStatusCode.OK).ConfigureAwait(false);
                }

                var list = _told.GetValue(request.List, static l => new ToldList(l));
                return await SendNamedAsync(call, list, BlockWire.EncodeNamed(list.Name, request.Bucket, first, skip, far)).ConfigureAwait(
                    false);
            }
            catch (WorkerUnreachableException)
            {
                // A worker never moves, but where it listens may have been learnt wrong.
                _uris.TryRemove(from, out _);
                throw;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> OpenAsync(Stream stream, TlsFiles tls, CancellationToken cancellationToken)
    {
        try
        {
            return await TlsTransport.CallAsync(stream, tls, cancellationToken);
        }
        catch (AuthenticationException e)
        {
            throw new IOException($"TLS was not agreed: {e.Message}", e);
        }
    }

    private static byte[] Checked(WorkerId from, BlobName name, byte[] content) => BlobName.Of(content) == name
        ? content
        : throw new InvalidDataException($"Worker {from} sent {content.Length} bytes for blob {name} that do not hash to it.");

    /// <summary>Sends a request whose list the worker was told, or is told now: it may also have forgotten it since.</summary>
    private async Task<HttpResponseMessage> SendNamedAsync(DataPlaneCall call, ToldList list, byte[] body)
    {
        for (var again = false; ; again = true)
        {
            var told = list.TellAsync((name, content) => PutBlobAsync(call.Worker, name, content, CancellationToken.None));
            await call.GuardAsync(stop => new ValueTask<bool>(told.WaitAsync(stop))).ConfigureAwait(false);
            var response = await SendAsync(call, HttpMethod.Post, "/blocks", body, body, HttpStatusCode.PreconditionFailed).ConfigureAwait(
                false);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return response;
            }

            response.Dispose();
            list.Forget(told);
            if (again)
            {
                throw new WorkerUnreachableException(call.Worker, new InvalidOperationException($"It does not keep the list {list.Name}."));
            }
        }
    }

    /// <param name="proven">The bytes that the proof covers beside the path.</param>
    /// <param name="accepted">The status that is an answer besides 200.</param>
    private async Task<HttpResponseMessage> SendAsync(
        DataPlaneCall call, HttpMethod method, string path, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> proven, HttpStatusCode accepted)
    {
        var worker = call.Worker;
        var uri = await call.GuardAsync(stop => UriOfAsync(worker, stop)) ?? throw new WorkerUnreachableException(worker);
        var (header, reply) = proofs.Make(method.Method, path, worker, proven.Span);
        if (tls is not null && uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new WorkerUnreachableException(
                worker, new UnauthorizedAccessException("It serves its data without TLS (MicroSpark:Tls)."));
        }

        using var message = new HttpRequestMessage(method, $"http://{uri.Authority}{path}") { Version = HttpVersion.Version11 };
        message.Headers.Add(RequestProof.ProofHeader, header);
        message.Headers.Add(RequestProof.WorkerHeader, worker.Value);
        message.Headers.Add(RequestProof.CallerHeader, proofs.Caller);
        if (method == HttpMethod.Put || method == HttpMethod.Post)
        {
            message.Content = new ReadOnlyMemoryContent(body);
        }

        var response = await call.GuardAsync(stop => new ValueTask<HttpResponseMessage>(_http.SendAsync(message, stop)));
        try
        {
            return await call.CheckAsync(response, accepted, reply);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private CancellationToken LifeOf(WorkerId worker) => life?.Invoke(worker) ?? CancellationToken.None;

    private async ValueTask<Uri?> UriOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        if (_uris.TryGetValue(worker, out var known))
        {
            return known;
        }

        var found = await find(worker, cancellationToken);
        return found is null ? null : _uris.GetOrAdd(worker, found);
    }
}
