using MicroSpark.Code;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.DataPlane;

/// <summary>What comes in at the data plane's port, or as its answer, is a message or damage.</summary>
public sealed class DamagedMessageTests
{
    private static readonly BlockRequest Request =
        new(BlobName.Of("r"u8).Hash, 0, [.. Enumerable.Range(0, 3).Select(p => new BlockPart(p, new AttemptId(p + 1)))]);

    [Fact]
    public void Any_bytes_are_a_request_or_damage()
    {
        Mutations.Check(BlockWire.EncodeRequest(Request, 1, 3, pack: true), static bytes => BlockWire.DecodeRequest(bytes));
        Mutations.Check(BlockWire.EncodeList(Request.List), static bytes => BlockWire.DecodeList(bytes));
        Mutations.Check(
            BlockWire.EncodeNamed(BlobName.Of("l"u8), 1, 2, 3, pack: false), static bytes => BlockWire.TryDecodeNamed(bytes, out _));
        foreach (var owner in new[] { null, "", "ann" })
        {
            var question = BlobWire.EncodeQuestion(new WorkerId("w"), BlobAsks.Insisting, owner);
            Assert.True(BlobWire.TryDecodeQuestion(question, out var reader, out var asks, out var read));
            Assert.Equal((new WorkerId("w"), BlobAsks.Insisting, owner), (reader, asks, read));
            Mutations.Check(question, static bytes => BlobWire.TryDecodeQuestion(bytes, out _, out _, out _));
        }
    }

    [Fact]
    public void Any_bytes_are_an_answer_or_damage()
    {
        var frame = TestBlocks.Of([1, 2, 3]).Frames(0, CodeSpace.Process).Single();
        var message = new byte[BlockWire.HeaderLength + frame.Payload.Length];
        frame.Header.Write(message.AsSpan(BlockWire.Before));
        frame.Payload.Span.CopyTo(message.AsSpan(BlockWire.HeaderLength));
        var answer = SealedAnswer.Of(new ControlMessage(0, 0, message), BlockWire.Control(BlockWire.End, 3, []));
        Mutations.Check(answer, static bytes =>
        {
            using var reader = new MessageReader(DataPlaneFixture.Worker, Request, 0, 0);
            reader.Start(SealedAnswer.NewSeal());
            var left = bytes.AsMemory();
            while (!reader.Ended)
            {
                if (!reader.TryNext())
                {
                    var room = reader.Room();
                    var count = Math.Min(room.Length, left.Length);
                    if (count == 0)
                    {
                        throw new InvalidDataException("The answer ended.");
                    }

                    left[..count].CopyTo(room);
                    reader.Filled(count);
                    left = left[count..];
                }
            }
        });
    }
}
