using System.Net;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.DataPlane;

/// <summary>A stream that breaks, lies or is cut short is asked for again where it broke, and given up when that does not help.</summary>
public sealed class BrokenStreamTests
{
    private static readonly ClusterSecret Secret = TestSecrets.Of("secret");
    private static readonly BlockRequest Request = new(BlobName.Of("r"u8).Hash, 0, [.. Enumerable.Range(0, 4).Select(p => new BlockPart(p, new AttemptId(p + 1)))]);

    [Fact]
    public async Task A_broken_stream_goes_on_where_it_broke()
    {
        var asked = new List<int[]>();
        var read = await ReadAsync(async (answer, request, skip) =>
        {
            asked.Add([.. request.Blocks.Select(b => b.Partition)]);
            var next = skip > 0 ? 1 : 0;
            await answer.SendAsync(Message(next, 0, (byte)request.Blocks[next].Partition));
            await (next + 1 == request.Blocks.Count
                ? answer.SendAsync(BlockWire.Control(BlockWire.End, 1, []))
                : answer.SendAsync(Message(next + 1, 0, 99), static bytes => bytes[..20]));
        });

        // Nobody knows whether the block that was read last is complete, so it is asked for with what is known of it.
        Assert.Equal([[0], [1], [2], [3]], read);
        Assert.Equal([[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [2, 3]], asked);
    }

    [Fact]
    public async Task Elements_that_were_handed_out_do_not_come_again()
    {
        var skips = new List<long>();
        var read = await ReadAsync(async (answer, request, skip) =>
        {
            skips.Add(skip);
            var last = skip == 4;
            await answer.SendAsync(Message(0, skip, (byte)skip, (byte)(skip + 1)));
            await (last
                ? answer.SendAsync(BlockWire.Control(BlockWire.End, 2, []))
                : answer.SendAsync(Message(0, skip + 2, 99, 99), static bytes => bytes[..^1]));
        });

        Assert.Equal([0, 1, 2, 3, 4, 5], read[0]);
        Assert.Equal([0, 2, 4], skips);
    }

    [Fact]
    public async Task A_flipped_bit_is_noticed_and_the_rest_asked_for_again()
    {
        var attempts = 0;
        var read = await ReadAsync(async (answer, request, skip) =>
        {
            attempts++;
            for (var i = 0; i < request.Blocks.Count; i++)
            {
                var flips = (byte)(attempts == 1 && i == 2 ? 1 : 0);
                if (i > 0 || skip == 0)
                {
                    await answer.SendAsync(Message(i, 0, (byte)request.Blocks[i].Partition), bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ flips)]);
                }
            }

            await answer.SendAsync(BlockWire.Control(BlockWire.End, request.Blocks.Count - (skip > 0 ? 1 : 0), []));
        });

        Assert.Equal([[0], [1], [2], [3]], read);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task A_stream_that_ends_early_without_saying_so_is_not_taken_for_whole()
    {
        var attempts = 0;
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(async (answer, _, _) =>
        {
            attempts++;
            await answer.SendAsync(Message(0, 0, 0), static bytes => bytes[..10]);
        }));

        Assert.Equal(DataPlaneFixture.Worker, error.Worker);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task An_end_that_counts_other_elements_than_came_is_no_end()
    {
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(async (answer, _, skip) =>
        {
            if (skip == 0)
            {
                await answer.SendAsync(Message(0, 0, 0));
            }

            await answer.SendAsync(BlockWire.Control(BlockWire.End, 7, []));
        }));

        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    [Fact]
    public async Task An_answer_of_somebody_without_the_secret_is_not_read()
    {
        var error = await Assert.ThrowsAsync<WorkerUnreachableException>(() => ReadAsync(
            async (answer, request, _) => await answer.SendAsync(Message(0, 0, 0)), prove: false));

        Assert.IsType<UnauthorizedAccessException>(error.InnerException);
    }

    private static async Task<List<byte>[]> ReadAsync(Func<Answer, BlockRequest, long, Task> answer, bool prove = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var proofs = DataPlaneFixture.Proofs(prove ? Secret : TestSecrets.Of("another"));
        app.MapPost("/blocks", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers;
            proofs.Check(
                headers[RequestProof.ProofHeader], "POST", "/blocks", headers[RequestProof.WorkerHeader].ToString(),
                headers[RequestProof.CallerHeader].ToString(), out var reply);
            if (reply is not null)
            {
                context.Response.Headers[RequestProof.ProofHeader] = reply.Make((int)HttpStatusCode.OK, []);
            }

            using var seal = reply?.StreamSeal() ?? SealedAnswer.NewSeal();
            var (request, skip, _) = BlockWire.DecodeRequest(body.ToArray());
            await answer(new Answer(context, seal), request, skip);
        });
        await app.StartAsync();

        using var transport = DataPlaneFixture.TransportTo(new Uri(app.Urls.First()), Secret);
        using var stream = transport.Open(DataPlaneFixture.Worker, Request, default);
        return TestBlocks.ReadAll<byte>(stream, Request.Blocks.Count);
    }

    private static ControlMessage Message(int position, long first, params byte[] elements) => SealedAnswer.Frame(position, first, elements);

    /// <summary>What a worker sends, and what may happen to it on the way.</summary>
    private sealed class Answer(HttpContext context, PieceSeal seal)
    {
        public async Task SendAsync(ControlMessage message, Func<byte[], byte[]>? onTheWay = null)
        {
            var bytes = SealedAnswer.Sealed(message, seal);
            await context.Response.Body.WriteAsync(onTheWay is null ? bytes : onTheWay(bytes));
            await context.Response.Body.FlushAsync();
        }
    }
}
