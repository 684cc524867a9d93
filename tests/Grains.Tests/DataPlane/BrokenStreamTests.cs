using System.Net;
using MicroSpark.DataPlane;
using MicroSpark.Engine;
using MicroSpark.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.DataPlane;

/// <summary>A stream that breaks, lies or is cut short is asked for again where it broke, and given up when that does not help.</summary>
public sealed class BrokenStreamTests
{
    private static readonly ClusterSecret Secret = ClusterSecret.Of("secret");
    private static readonly BlockRequest Request = new(BlobName.Of("r"u8).Hash, 0, [.. Enumerable.Range(0, 4).Select(p => new BlockPart(p, new AttemptId(p + 1)))]);

    [Fact]
    public async Task A_broken_stream_goes_on_where_it_broke()
    {
        var asked = new List<int[]>();
        var payloads = await ReadAsync(async (context, request) =>
        {
            asked.Add([.. request.Blocks.Select(b => b.Partition)]);
            await SendAsync(context, 0, [(byte)request.Blocks[0].Partition]);
            if (request.Blocks.Count == 1)
            {
                await SendAsync(context, BlockWire.End, []);
            }
        });

        Assert.Equal([[0], [1], [2], [3]], payloads);
        Assert.Equal([[0, 1, 2, 3], [1, 2, 3], [2, 3], [3]], asked);
    }

    [Fact]
    public async Task A_flipped_bit_is_noticed_and_the_block_asked_for_again()
    {
        var attempts = 0;
        var payloads = await ReadAsync(async (context, request) =>
        {
            attempts++;
            for (var i = 0; i < request.Blocks.Count; i++)
            {
                var payload = new[] { (byte)request.Blocks[i].Partition };
                var frame = Frame(i, payload);
                frame[^1] ^= (byte)(attempts == 1 && i == 2 ? 1 : 0);
                await context.Response.Body.WriteAsync(frame);
            }

            await SendAsync(context, BlockWire.End, []);
        });

        Assert.Equal([[0], [1], [2], [3]], payloads);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task A_stream_that_ends_early_without_saying_so_is_not_taken_for_whole()
    {
        var attempts = 0;
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(async (context, _) =>
        {
            attempts++;
            await context.Response.Body.WriteAsync(Frame(0, [0]).AsMemory(0, 10));
        }));

        Assert.Equal(DataPlaneFixture.Worker, error.Worker);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task An_answer_of_somebody_without_the_secret_is_not_read()
    {
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(
            async (context, request) => await SendAsync(context, 0, [0]), prove: false));

        Assert.IsType<UnauthorizedAccessException>(error.InnerException);
    }

    private static async Task<List<byte[]>> ReadAsync(Func<HttpContext, BlockRequest, Task> answer, bool prove = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var proofs = DataPlaneFixture.Proofs(Secret);
        app.MapPost("/blocks", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (prove && RequestProof.TryParse(context.Request.Headers[RequestProof.ProofHeader], out var proof))
            {
                context.Response.Headers[RequestProof.ProofHeader] = proofs.MakeReply(proof.Nonce, (int)HttpStatusCode.OK);
            }

            await answer(context, BlockWire.DecodeRequest(body.ToArray()));
        });
        await app.StartAsync();

        using var transport = DataPlaneFixture.TransportTo(new Uri(app.Urls.First()), Secret);
        var payloads = new List<byte[]>();
        await foreach (var payload in transport.FetchAsync(DataPlaneFixture.Worker, Request, default))
        {
            payloads.Add(payload.ToArray());
        }

        return payloads;
    }

    private static async Task SendAsync(HttpContext context, int position, byte[] payload)
    {
        await context.Response.Body.WriteAsync(Frame(position, payload));
        await context.Response.Body.FlushAsync();
    }

    private static byte[] Frame(int position, byte[] payload)
    {
        var frame = new byte[BlockWire.HeaderLength + payload.Length];
        BlockWire.WriteHeader(frame, position, payload);
        payload.CopyTo(frame, BlockWire.HeaderLength);
        return frame;
    }
}
