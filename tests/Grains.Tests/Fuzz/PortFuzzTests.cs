using System.Net;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Grains.Records;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Jobs;
using MicroSpark.Tests.Security;
using Xunit.Abstractions;

namespace MicroSpark.Tests.Fuzz;

/// <summary>What comes in at a port before anybody is known, and what other workers say, with bytes that nobody has thought of.</summary>
public sealed class PortFuzzTests(ITestOutputHelper output)
{
    private static readonly BlockRequest s_request =
        new(BlobName.Of("r"u8).Hash, 0, [.. Enumerable.Range(0, 3).Select(static p => new BlockPart(p, new AttemptId(p + 1)))]);

    [Fact]
    [FuzzTarget]
    public void Requests_of_blocks() => Fuzzing.Run(new(
        "block-request",
        [BlockWire.EncodeRequest(s_request, 1, 3, pack: true), BlockWire.EncodeList(s_request.List), BlockWire.EncodeNamed(BlobName.Of("l"u8), 1, 2, 3, pack: false)],
        static bytes =>
        {
            BlobWire.TryDecodeQuestion(bytes, out _, out _, out _);
            if (BlockWire.TryDecodeNamed(bytes, out _))
            {
                return;
            }

            try
            {
                BlockWire.DecodeList(bytes);
            }
            catch (InvalidDataException)
            {
                BlockWire.DecodeRequest(bytes);
            }
        }), output);

    [Fact]
    [FuzzTarget]
    public void Records_of_jobs()
    {
        var job = Some.Running(7);
        job.Commit(Some.Result(0));
        job.Commit(Some.Result(1));
        var head = new RecordHead(job.File.Submission.Job, new(1, 2), HeadCodec.Write(job.Summary()), null);
        Fuzzing.Run(new("record", [.. job.File.Log.Snapshot(job)], bytes => LogReader.Read(head, [bytes])), output);
        Fuzzing.Run(new("record-head", [head.Head], bytes => HeadCodec.Read(head with { Head = bytes })), output);
    }

    [Fact]
    [FuzzTarget]
    public void Handshakes()
    {
        var called = Callee.Of(Door.Gateway, new IPEndPoint(IPAddress.Loopback, 7001));
        byte[] hello = [0xC1, 1, .. new byte[32], .. called.Encode()];
        byte[] proof = [0xC3, .. new byte[32]];
        Fuzzing.Run(new("handshake", [[.. Framed(hello), .. Framed(proof)]], bytes =>
        {
            var (here, stranger) = PipePair.New();
            stranger.SendAsync(bytes).GetAwaiter().GetResult();
            stranger.Output.Complete();
            var end = new Handshake(TestSecrets.Of("s")).AnswerAsync(here, called, "silo", [], default).GetAwaiter().GetResult();
            Assert.NotEqual(HandshakeEnd.Accepted, end.End);
        }), output);

        static byte[] Framed(byte[] payload) => [.. BitConverter.GetBytes(payload.Length), .. payload];
    }
}
