using System.Net;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;
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
        var read = await ReadAsync(async (context, request, skip) =>
        {
            asked.Add([.. request.Blocks.Select(b => b.Partition)]);
            var next = skip > 0 ? 1 : 0;
            await SendAsync(context, Message(next, 0, (byte)request.Blocks[next].Partition));
            await SendAsync(context, next + 1 == request.Blocks.Count ? BlockWire.Control(BlockWire.End, 1, []) : Message(next + 1, 0, 99)[..20]);
        });

        // Nobody knows whether the block that was read last is complete, so it is asked for with what is known of it.
        Assert.Equal([[0], [1], [2], [3]], read);
        Assert.Equal([[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [2, 3]], asked);
    }

    [Fact]
    public async Task Elements_that_were_handed_out_do_not_come_again()
    {
        var skips = new List<long>();
        var read = await ReadAsync(async (context, request, skip) =>
        {
            skips.Add(skip);
            var last = skip == 4;
            await SendAsync(context, Message(0, skip, (byte)skip, (byte)(skip + 1)));
            await SendAsync(context, last ? BlockWire.Control(BlockWire.End, 2, []) : Message(0, skip + 2, 99, 99)[..^1]);
        });

        Assert.Equal([0, 1, 2, 3, 4, 5], read[0]);
        Assert.Equal([0, 2, 4], skips);
    }

    [Fact]
    public async Task A_flipped_bit_is_noticed_and_the_rest_asked_for_again()
    {
        var attempts = 0;
        var read = await ReadAsync(async (context, request, skip) =>
        {
            attempts++;
            for (var i = 0; i < request.Blocks.Count; i++)
            {
                var message = Message(i, 0, (byte)request.Blocks[i].Partition);
                message[^1] ^= (byte)(attempts == 1 && i == 2 ? 1 : 0);
                if (i > 0 || skip == 0)
                {
                    await context.Response.Body.WriteAsync(message);
                }
            }

            await SendAsync(context, BlockWire.Control(BlockWire.End, request.Blocks.Count - (skip > 0 ? 1 : 0), []));
        });

        Assert.Equal([[0], [1], [2], [3]], read);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task A_stream_that_ends_early_without_saying_so_is_not_taken_for_whole()
    {
        var attempts = 0;
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(async (context, _, _) =>
        {
            attempts++;
            await context.Response.Body.WriteAsync(Message(0, 0, 0).AsMemory(0, 10));
        }));

        Assert.Equal(DataPlaneFixture.Worker, error.Worker);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task An_end_that_counts_other_elements_than_came_is_no_end()
    {
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(async (context, _, skip) =>
        {
            if (skip == 0)
            {
                await SendAsync(context, Message(0, 0, 0));
            }

            await SendAsync(context, BlockWire.Control(BlockWire.End, 7, []));
        }));

        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    [Fact]
    public async Task An_answer_of_somebody_without_the_secret_is_not_read()
    {
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(
            async (context, request, _) => await SendAsync(context, Message(0, 0, 0)), prove: false));

        Assert.IsType<UnauthorizedAccessException>(error.InnerException);
    }

    private static async Task<List<byte>[]> ReadAsync(Func<HttpContext, BlockRequest, long, Task> answer, bool prove = true)
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

            var (request, skip, _) = BlockWire.DecodeRequest(body.ToArray());
            await answer(context, request, skip);
        });
        await app.StartAsync();

        using var transport = DataPlaneFixture.TransportTo(new Uri(app.Urls.First()), Secret);
        using var stream = transport.Open(DataPlaneFixture.Worker, Request, default);
        return TestBlocks.ReadAll<byte>(stream, Request.Blocks.Count);
    }

    private static async Task SendAsync(HttpContext context, byte[] message)
    {
        await context.Response.Body.WriteAsync(message);
        await context.Response.Body.FlushAsync();
    }

    private static byte[] Message(int position, long first, params byte[] elements)
    {
        var message = BlockWire.Control(position, first, elements);
        FrameHeader.Of(elements.Length, elements).Write(message.AsSpan(BlockWire.HeaderLength - Frame.HeaderLength));
        BlockWire.WriteHeader(message, position, first, elements.Length);
        return message;
    }
}
