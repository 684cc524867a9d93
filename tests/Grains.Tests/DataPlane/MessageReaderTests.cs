using K4os.Compression.LZ4;
using MicroSpark.Code;
using MicroSpark.Grains.DataPlane;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.DataPlane;

/// <summary>Whatever bytes come, in whatever pieces, the reader gives what was sent or a clear error, and holds no more than has come.</summary>
public sealed class MessageReaderTests
{
    private static readonly BlockRequest Request = new(BlobName.Of("r"u8).Hash, 0, [.. Enumerable.Range(0, 3).Select(p => new BlockPart(p, new AttemptId(p + 1)))]);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public void Frames_come_out_in_whatever_pieces_they_went_in(int piece)
    {
        var (bytes, expected) = Answer();
        Assert.Equal(expected, Read(bytes, piece));
    }

    [Fact]
    public void Any_flipped_bit_is_an_error()
    {
        var (bytes, _) = Answer(small: true);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<Exception>(() => Read(flipped, 1000));
        }
    }

    [Fact]
    public void A_truncated_answer_is_never_whole()
    {
        var (bytes, _) = Answer(small: true);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EndOfStreamException>(() => Read(bytes[..length], 1000));
        }
    }

    [Fact]
    public void A_frame_left_out_or_sent_twice_is_noticed()
    {
        ControlMessage first = Message(0, 0, 1, 2), second = Message(0, 2, 3), end = BlockWire.Control(BlockWire.End, 3, []);

        Assert.Equal([(0, 1), (0, 2), (0, 3)], Read(SealedAnswer.Of(first, second, end), 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(first, end), 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(second, end), 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(first, first, second, end), 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(Message(1, 0, 1, 2), second, end), 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(Message(3, 0, 1, 2, 3), end), 1000));
    }

    /// <summary>Blocks whose counts agree hide nothing: each message has its number, and each answer its key.</summary>
    [Fact]
    public void Messages_of_another_order_or_of_another_answer_are_not_read()
    {
        ControlMessage first = Message(0, 0, 1, 2), second = Message(1, 0, 3, 4), end = BlockWire.Control(BlockWire.End, 4, []);
        var sent = SealedAnswer.Of(first, second, end);
        var length = first.Bytes.Length;
        byte[] one = sent[..length], two = sent[length..(2 * length)], last = sent[(2 * length)..];

        Assert.Equal(4, Read([.. one, .. two, .. last], 1000).Count);
        Assert.Throws<InvalidDataException>(() => Read([.. two, .. one, .. last], 1000));
        Assert.Throws<InvalidDataException>(() => Read([.. one, .. one, .. last], 1000));
        Assert.Throws<InvalidDataException>(() => Read([.. one, .. last], 1000));
        Assert.Throws<InvalidDataException>(() => Read(last, 1000));
        Assert.Throws<InvalidDataException>(() => Read(SealedAnswer.Of(new byte[32].Select(static _ => (byte)1).ToArray(), first, second, end), 1000));
    }

    [Fact]
    public void A_length_that_does_not_come_is_not_allocated()
    {
        var header = new byte[BlockWire.HeaderLength];
        FrameHeader.Of(1, []).Write(header.AsSpan(BlockWire.Before));
        BitConverter.TryWriteBytes(header.AsSpan(BlockWire.Before + 4), 2_000_000_000);
        BitConverter.TryWriteBytes(header.AsSpan(BlockWire.Before - 12), 2_000_000_000);
        SealedAnswer.NewSeal().Seal(header.AsSpan(BlockWire.Before - 16), header);
        using var reader = new MessageReader(DataPlaneFixture.Worker, Request, 0, 0);
        reader.Start(SealedAnswer.NewSeal());
        header.CopyTo(reader.Room());
        reader.Filled(header.Length);

        Assert.False(reader.TryNext());
        for (var i = 0; i < 10; i++)
        {
            var room = reader.Room();
            Assert.InRange(room.Length, 1, 1 << 20);
            reader.Filled(Math.Min(room.Length, 1000));
        }

        Assert.InRange(reader.Held, 1, 1 << 20);
    }

    [Fact]
    public void A_packed_frame_comes_out_whole_and_a_damaged_one_not_at_all()
    {
        var items = new byte[5000];
        var frame = TestBlocks.Of(items).Frames(0, CodeSpace.Process).Single().ToArray();
        var packed = new byte[100];
        var noticed = 0;
        var length = LZ4Codec.Encode(items, packed);
        byte[] message = [.. new byte[BlockWire.Before], .. frame[..Frame.HeaderLength], .. packed[..length]];
        var end = BlockWire.Control(BlockWire.End, items.Length, []);

        Assert.Equal(items.Length, Read(SealedAnswer.Of(new ControlMessage(0, 0, message), end), 1000).Count);
        for (var bit = BlockWire.HeaderLength * 8; bit < message.Length * 8; bit++)
        {
            // Damaged before it was sealed: the block's own checksum is all that notices.
            var flipped = message.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Some flips unpack to the same: a copy of zeros from elsewhere.
                Assert.Equal(items, Read(SealedAnswer.Of(new ControlMessage(0, 0, flipped), end), 1000).Select(static e => e.Item2));
            }
            catch (InvalidDataException)
            {
                noticed++;
            }
        }

        Assert.True(noticed > 0);
        Assert.Throws<InvalidDataException>(
            () => Read(SealedAnswer.Of(new ControlMessage(0, 0, message[..(BlockWire.HeaderLength + 1)])), 1000));
    }

    [Fact]
    public void Noise_is_an_error()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var noise = new byte[random.Next(BlockWire.HeaderLength, 300)];
            random.NextBytes(noise);
            Assert.Throws<InvalidDataException>(() => Read(noise, 1000));
        }
    }

    private static (byte[] Bytes, List<(int, byte)> Expected) Answer(bool small = false)
    {
        var random = new Random(3);
        var expected = new List<(int, byte)>();
        var messages = new List<ControlMessage>();
        foreach (var position in new[] { 0, 2 })
        {
            var items = new byte[small ? 20 : 400_000];
            random.NextBytes(items);
            var first = 0L;
            foreach (var frame in TestBlocks.Of(items).Frames(0, CodeSpace.Process))
            {
                var message = new byte[BlockWire.Before + frame.Length];
                frame.CopyTo(message.AsSpan(BlockWire.Before));
                messages.Add(new ControlMessage(position, first, message));
                first += frame.Header.Count;
            }

            expected.AddRange(items.Select(item => (position, item)));
        }

        messages.Add(BlockWire.Control(BlockWire.End, expected.Count, []));
        return (SealedAnswer.Of([.. messages]), expected);
    }

    private static ControlMessage Message(int position, long first, params byte[] elements) => SealedAnswer.Frame(position, first, elements);

    private static List<(int, byte)> Read(byte[] bytes, int piece)
    {
        using var reader = new MessageReader(DataPlaneFixture.Worker, Request, 0, 0);
        reader.Start(SealedAnswer.NewSeal());
        var frames = new FrameDecoder<byte>(CodeSpace.Process);
        var got = new List<(int, byte)>();
        for (var at = 0; !reader.Ended;)
        {
            if (reader.TryNext())
            {
                if (!reader.Ended)
                {
                    foreach (var item in frames.Read(reader.Header, reader.Payload))
                    {
                        got.Add((reader.Position, item));
                    }
                }

                continue;
            }

            if (at == bytes.Length)
            {
                throw new EndOfStreamException();
            }

            var room = reader.Room();
            var length = Math.Min(Math.Min(piece, room.Length), bytes.Length - at);
            bytes.AsSpan(at, length).CopyTo(room.Span);
            reader.Filled(length);
            at += length;
        }

        return got;
    }
}
