using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Memory;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Codecs;

/// <summary>What counts announce is bounded by the bytes that follow, also when values lie in values.</summary>
public sealed class CountTests
{
    /// <summary>Each list announces all that is left, so that all together would take the square of the input.</summary>
    [Fact]
    public void Lists_in_lists_cannot_announce_the_same_bytes_again_and_again()
    {
        const int Length = 20_000;
        Assert.Equal([1, 1, 1, 1, 1, 0], ValueCodec.Encode(new Tree { Children = [new Tree()] }, CodeSpace.Process)[..6]);
        var bytes = new List<byte>();
        while (bytes.Count < Length)
        {
            // A new tree, its new list, and a count.
            var left = (uint)((Length - bytes.Count) * 9 / 10);
            bytes.AddRange([1, 1, (byte)(left | 0x80), (byte)((left >> 7) | 0x80), (byte)(left >> 14)]);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<Tree>(bytes.ToArray(), CodeSpace.Process));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (16 * Length) + (1 << 20));
    }

    [Fact]
    public void A_table_makes_room_for_what_the_bytes_can_back()
    {
        var head = ValueCodec.Encode<HashSet<string?>>([], CodeSpace.Process);
        var bytes = new byte[head.Length + 100_000];
        head.AsSpan(..^1).CopyTo(bytes);
        (bytes[head.Length - 1], bytes[head.Length], bytes[head.Length + 1]) = (0x80 | 80_000 & 0x7F, 0x80 | (80_000 >> 7) & 0x7F, 80_000 >> 14);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<HashSet<string?>>(bytes, CodeSpace.Process));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * bytes.Length);
    }

    [Fact]
    public void Dimensions_whose_product_overflows_or_is_nothing_are_refused()
    {
        byte[] many = [1, .. Enumerable.Repeat<byte[]>([0x80, 0x80, 0x80, 0x80, 0x04], 3).SelectMany(static b => b)];
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<byte[,,]>(many, CodeSpace.Process));
        byte[] none = [1, 0, .. Enumerable.Repeat<byte[]>([0xFF, 0xFF, 0xFF, 0xFF, 0x07], 2).SelectMany(static b => b)];
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<byte[,,]>(none, CodeSpace.Process));
        Assert.Equal(7, ValueCodec.Decode<int[,]>(ValueCodec.Encode(new int[0, 7], CodeSpace.Process), CodeSpace.Process).GetLength(1));
    }

    [Fact]
    public void Any_bytes_are_a_run_of_elements_or_damage()
    {
        Check<string>(["a", "Grüße", ""]);
        Check<(int, string?[], Dictionary<string, List<int>>)>([(1, ["x", null], new() { ["k"] = [1, 2] })]);
        Check<object>([1, "two", new[] { 3L }, new List<Guid> { default }, new HashSet<string> { "a" }, new int[2, 2]]);
        Check<Node>([new Node { Next = new() { Tag = new object[] { 1 } } }]);
        Check<System.Collections.Immutable.ImmutableArray<DateTime?>>([[DateTime.UnixEpoch, null]]);

        static void Check<T>(T[] items)
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            ValueCodec.EncodeMany<T>(items, output, CodeSpace.Process);
            Mutations.Check(
                output.WrittenSpan.ToArray(), static bytes => ValueCodec.DecodeMany<T>(bytes, CodeSpace.Process), 500, 1,
                static e => e is InvalidOperationException && e.Message.Contains("is not loaded here", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Any_bytes_are_a_frame_or_damage()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        ValueCodec.EncodeMany<string>(["a", "b"], output, CodeSpace.Process);
        var payload = output.WrittenSpan[1..].ToArray();
        var frame = new Frame(FrameHeader.Of(2, payload), payload).ToArray();
        Mutations.Check(frame, static bytes =>
        {
            var frame = bytes.Length < Frame.HeaderLength ? throw new InvalidDataException("short") : Frame.Of(bytes);
            new FrameDecoder<string>(CodeSpace.Process).Read(frame.Header, frame.Payload);
        });
        Mutations.Check(payload, static bytes =>
            new FrameDecoder<string>(CodeSpace.Process).Take(FrameHeader.Of(2, bytes), bytes));
    }
}
