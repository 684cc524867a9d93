using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// The requests of the data plane: GET, HEAD, PUT and POST of <c>/blobs/{sha}</c>, POST of <c>/blocks</c> and <c>/blocks/{job}</c>. No
/// routing, no middleware: Kestrel hands over each request and it is answered here. Whoever is no worker has the blobs that he brought
/// himself, and the results of his own jobs.
/// </summary>
internal sealed partial class DataPlaneApplication(
    WorkerStores stores, RequestProof proofs, AuditLog audit, ILogger logger, IResultOwners? owners = null)
    : IHttpApplication<HttpContext>
{
    private const string Blobs = "/blobs/";
    private const string Blocks = "/blocks";

    /// <summary>The first room of a body. It grows with what has come.</summary>
    private const int FirstRoom = 1 << 20;

    // As long as the blob store has the bytes.
    private readonly ConditionalWeakTable<byte[], ServedList> _lists = [];

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception e) when (
            e is IOException or OperationCanceledException or BadHttpRequestException && context.RequestAborted.IsCancellationRequested)
        {
            // The reader went away: it asks again when it still needs the blocks.
            context.Abort();
        }
        catch (Exception e)
        {
            LogFailed(logger, context.Request.Method, context.Request.Path, e);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await EndAsync(context, StatusCodes.Status500InternalServerError, e.Message);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var header = request.Headers[RequestProof.ProofHeader];
        var meant = request.Headers[RequestProof.WorkerHeader].ToString();
        var caller = request.Headers[RequestProof.CallerHeader].ToString();
        var problem = proofs.Check(header, request.Method, request.Path.Value ?? "", meant, caller, out var reply);
        context.Features.Set(reply);
        if (problem is not null)
        {
            audit.Refused(PeerOf(context), "data port", problem);
        }

        if (!string.Equals(meant, stores.Worker.Value, StringComparison.Ordinal))
        {
            // The port had another worker before, of this or of another cluster: whoever asks must learn that that one is gone.
            await EndAsync(context, StatusCodes.Status421MisdirectedRequest, $"This is worker {stores.Worker}.");
            return;
        }

        if (problem is not null)
        {
            await EndAsync(context, StatusCodes.Status401Unauthorized, $"The request was refused: {problem}.");
            return;
        }

        var asker = reply!.Asker.LimitedTo(context.Features.Get<Principal>());
        if (HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments(Blocks, StringComparison.Ordinal, out var ofJob))
        {
            if (await ReadAsync(context, BlockWire.LongestRequest) is { } body && RequestProof.Covers(header, body))
            {
                await AnswerBlocksAsync(context, body, ofJob, asker);
            }
            else
            {
                await EndAsync(
                    context, StatusCodes.Status400BadRequest,
                    $"The body is not the one that was proved, or is longer than {BlockWire.LongestRequest} bytes.");
            }
        }
        else if (TryBlobName(request.Path, out var name))
        {
            await (!HttpMethods.IsPost(request.Method) ? AnswerBlobAsync(context, name, asker)
                : asker.May(Rights.Join) ? AnswerReaderAsync(context, name, header)
                : DenyAsync(context, asker, "ask as a worker does"));
        }
        else
        {
            await EndAsync(context, StatusCodes.Status404NotFound, "Expected /blobs/{sha} or /blocks.");
        }
    }

    private async Task AnswerBlobAsync(HttpContext context, BlobName name, Principal asker)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsPut(method))
        {
            if (!asker.May(Rights.Upload))
            {
                await DenyAsync(context, asker, "bring code or data to the workers (Upload in MicroSpark:Secrets)");
                return;
            }

            var content = await ReadAsync(context, Array.MaxLength);
            if (content is null || BlobName.Of(content) != name)
            {
                await EndAsync(
                    context, StatusCodes.Status400BadRequest,
                    $"The content does not hash to {name}, or is longer than {Array.MaxLength} bytes. Send it again.");
                return;
            }

            if (!stores.Blobs.Bring(name, content, asker.OwnerName))
            {
                await DenyAsync(context, asker, TooMuch(asker.OwnerName!, content.Length));
                return;
            }

            // What it says of itself keeps nobody out of the log.
            var who = context.Request.Headers[RequestProof.CallerHeader].ToString();
            if (who != Caller.Worker || !asker.May(Rights.Join))
            {
                audit.Uploaded(Caller.Named(asker, who), PeerOf(context), name.ToString(), content.Length);
            }

            await EndAsync(context, StatusCodes.Status204NoContent);
        }
        else if (HttpMethods.IsHead(method) || HttpMethods.IsGet(method))
        {
            if (!stores.Blobs.TryGet(name, out var content) || !MayHave(asker, name))
            {
                // Whoever did not bring it does not learn that it is there.
                await EndAsync(context, StatusCodes.Status404NotFound);
                return;
            }

            if (HttpMethods.IsHead(method) && asker.May(Rights.Upload))
            {
                // Who asks before he brings it is spared to: it is his too from now on, and stays when others need it no more.
                stores.Blobs.TryJoin(name, asker.OwnerName);
            }

            Begin(context, StatusCodes.Status200OK, []);
            context.Response.ContentLength = content.Length;
            if (HttpMethods.IsGet(method))
            {
                await context.Response.Body.WriteAsync(content, context.RequestAborted);
            }
        }
        else
        {
            await EndAsync(context, StatusCodes.Status405MethodNotAllowed, "Expected GET, HEAD, PUT or POST.");
        }
    }

    private string TooMuch(string owner, long more)
    {
        var (limit, there) = (stores.Blobs.Quotas.Of(owner)!, stores.Blobs.Quotas.BytesOf(owner));
        return $"have brought more than {ByteSize.Show(limit.Uploads!.Value)} to worker {stores.Worker} ({limit.Setting}:MaxUploads): "
            + $"{ByteSize.Show(there)} are there, and {ByteSize.Show(more)} more do not fit. Destroy broadcasts that are of no more use, "
            + "or wait ten minutes: what nobody has used since then makes room";
    }

    private bool MayHave(Principal asker, BlobName name) =>
        asker.May(Rights.Administer) || stores.Blobs.WasBroughtBy(name, asker.OwnerName);

    /// <summary>A worker asks, which can send the blob on: see <see cref="BlobReaders"/>.</summary>
    private async Task AnswerReaderAsync(HttpContext context, BlobName name, string? header)
    {
        if (await ReadAsync(context, BlobWire.LongestQuestion) is not { } body || !RequestProof.Covers(header, body)
            || !BlobWire.TryDecodeQuestion(body, out var reader, out var asks, out var owner))
        {
            await EndAsync(context, StatusCodes.Status400BadRequest, "The body is not the one that was proved, or names no worker.");
            return;
        }

        var (content, others) = await ContentForAsync(name, reader, asks, owner, context.RequestAborted);
        var answer = content ?? BlobWire.EncodeOthers(others);
        Begin(
            context, content is null ? StatusCodes.Status303SeeOther : StatusCodes.Status200OK, content is null ? answer : []);
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<(byte[]? Content, WorkerId[] Others)> ContentForAsync(
        BlobName name, WorkerId reader, BlobAsks asks, string? owner, CancellationToken cancellationToken)
    {
        if (!stores.Blobs.TryFind(name, owner, out var blob) || (asks != BlobAsks.Named && !blob.Content.IsCompletedSuccessfully))
        {
            return (null, []);
        }

        if (blob.Content is not { IsCompletedSuccessfully: true, Result.Length: < BlobWire.LeastReferred }
            && blob.Readers.Admit(reader, asks) is { Length: > 0 } others)
        {
            return (null, others);
        }

        try
        {
            // It may be on its way here: the reader's patience bounds the wait.
            return (await blob.Content.WaitAsync(cancellationToken), []);
        }
        catch (Exception e) when (e is BlobMissingException or WorkerUnreachableException or InvalidDataException)
        {
            // It did not come. The reader goes on to others, as this worker's own tasks do.
            return (null, []);
        }
    }

    /// <param name="ofJob">The rest of the path: the job whose results they are, when a client asks.</param>
    private async Task AnswerBlocksAsync(HttpContext context, byte[] body, PathString ofJob, Principal asker)
    {
        if (asker.May(Rights.Join))
        {
            await AnswerBlocksAsync(context, body);
            return;
        }

        // A list that was told before may be anybody's; results are asked for without one.
        if (BlockWire.TryDecodeNamed(body, out _) || owners is null || !Guid.TryParseExact(ofJob.Value?.TrimStart('/'), "N", out var job)
            || !await owners.OwnsAsync(asker, new JobId(job), BlockWire.DecodeRequest(body).Request.Lineage))
        {
            await DenyAsync(context, asker, "read these blocks, which are no results of a job of his");
            return;
        }

        await AnswerBlocksAsync(context, body);
    }

    private Task AnswerBlocksAsync(HttpContext context, byte[] body)
    {
        if (!BlockWire.TryDecodeNamed(body, out var named))
        {
            var (request, skip, pack) = BlockWire.DecodeRequest(body);
            return SendBlocksAsync(context, new ServedList(request.List, repeats: false), request.Bucket, 0, skip, pack);
        }

        if (!stores.Blobs.TryGet(named.List, out var content))
        {
            return EndAsync(context, StatusCodes.Status412PreconditionFailed, $"There is no list {named.List}. Put it as a blob first.");
        }

        var list = _lists.GetValue(content, static c => new ServedList(BlockWire.DecodeList(c), repeats: true));
        return SendBlocksAsync(context, list, named.Bucket, named.From, named.Skip, named.Pack);
    }

    /// <param name="from">The first block of the list that is wanted; positions in the answer count from it.</param>
    private async Task SendBlocksAsync(HttpContext context, ServedList list, int bucket, int from, long skip, bool pack)
    {
        Begin(context, StatusCodes.Status200OK, []);
        using var seal = context.Features.GetRequiredFeature<ReplyProof>().StreamSeal();
        var output = new MessageWriter(context.Response.BodyWriter, pack, seal);
        var blocks = list.Find(stores.Blocks, bucket, from, out var missing);
        for (var i = 0; missing.Count == 0 && i < blocks.Count; i++)
        {
            var (number, block) = blocks[i];
            if (block is UnkeptBlock)
            {
                await output.EndAsync(BlockWire.Control(BlockWire.Unkept, 0, []), context.RequestAborted);
                return;
            }

            try
            {
                if (!await output.SendAsync(
                    number - from, block.Frames(bucket, stores.Code), number == from ? skip : 0, context.RequestAborted))
                {
                    missing.Add(list.PartitionOf(number));
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or SpillException)
            {
                // It was dropped, or its file cannot be read: for the reader it is not here.
                missing.Add(list.PartitionOf(number));
            }
            catch (Exception e) when (e is not (IOException or OperationCanceledException))
            {
                // The reader's task fails with it: no retry would help.
                LogFailed(logger, "POST", "/blocks", e);
                await output.EndAsync(
                    BlockWire.Control(BlockWire.Failed, 0, Encoding.UTF8.GetBytes($"{e.GetType().Name}: {e.Message}")),
                    context.RequestAborted);
                return;
            }
        }

        var end = missing.Count == 0
            ? BlockWire.Control(BlockWire.End, output.Elements, [])
            : BlockWire.Control(BlockWire.Missing, 0, BlockWire.EncodePartitions(missing));
        await output.EndAsync(end, context.RequestAborted);
    }

    /// <summary>Null when the body is longer than <paramref name="most"/>.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context, int most)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }

        if (context.Request.ContentLength is not { } length || length > most)
        {
            return null;
        }

        // Room for what has come, not for what was announced: that is believed a piece at a time.
        var content = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, FirstRoom));
        for (var filled = 0; ;)
        {
            await context.Request.Body.ReadExactlyAsync(content.AsMemory(filled), context.RequestAborted);
            filled = content.Length;
            if (filled == length)
            {
                return content;
            }

            Array.Resize(ref content, (int)Math.Min(length, 4L * filled));
        }
    }

    private static bool TryBlobName(PathString path, out BlobName name)
    {
        name = default;
        var text = path.Value;
        if (text is null || !text.StartsWith(Blobs, StringComparison.Ordinal) || text.Length != Blobs.Length + (2 * SHA256.HashSizeInBytes)
            || !text.AsSpan(Blobs.Length).ContainsOnlyHex())
        {
            return false;
        }

        name = BlobName.Parse(text[Blobs.Length..]);
        return true;
    }

    private static IPEndPoint? PeerOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;

    /// <param name="covered">The body, unless it proves itself. Nothing is proved to whoever has proved nothing.</param>
    private static void Begin(HttpContext context, int status, ReadOnlySpan<byte> covered)
    {
        context.Response.StatusCode = status;
        if (context.Features.Get<ReplyProof>() is { } reply)
        {
            context.Response.Headers[RequestProof.ProofHeader] = reply.Make(status, covered);
        }
    }

    private Task DenyAsync(HttpContext context, Principal asker, string what)
    {
        audit.Denied(asker.Name, PeerOf(context), what);
        return EndAsync(context, StatusCodes.Status403Forbidden, $"{asker.Name} may not {what}.");
    }

    private static async Task EndAsync(HttpContext context, int status, string? message = null)
    {
        var body = message is null || HttpMethods.IsHead(context.Request.Method) ? [] : Encoding.UTF8.GetBytes(message);
        Begin(context, status, body);
        if (body.Length > 0)
        {
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string? path, Exception exception);
}

internal static class HexSpan
{
    public static bool ContainsOnlyHex(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept("0123456789abcdef");
}
