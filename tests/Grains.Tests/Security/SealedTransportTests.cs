using System.Buffers;
using System.IO.Pipelines;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>After the handshake nobody between two ends can change, repeat, reorder, leave out or put in a byte.</summary>
public sealed class SealedTransportTests
{
    private static readonly byte[] s_one = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_two = [.. Enumerable.Repeat((byte)2, 32)];

    private int _forged;

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(64 << 10)]
    [InlineData(1_000_000)]
    public async Task What_is_written_is_what_is_read(int size)
    {
        var sent = new byte[size];
        new Random(size).NextBytes(sent);
        var bytes = await SealAsync(sent, sent[..1], sent);

        byte[] expected = [.. sent, sent[0], .. sent];
        await AssertReadAsync(expected, bytes, s_one);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task It_comes_in_any_pieces_and_is_examined_as_the_reader_likes(int step)
    {
        var bytes = await SealAsync([1, 2, 3], [4, 5], [6, 7, 8, 9]);
        var pipe = new Pipe();
        using var transport = New(pipe.Reader, s_one);
        var feed = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length; at += step)
            {
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)));
            }

            await pipe.Writer.CompleteAsync();
        });

        // As Orleans reads: nothing is consumed before all of it is there.
        while (true)
        {
            var read = await transport.Input.ReadAsync();
            if (read.Buffer.Length == 9)
            {
                Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], read.Buffer.ToArray());
                break;
            }

            Assert.False(read.IsCompleted);
            transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await feed;
    }

    [Fact]
    public async Task Any_flipped_bit_ends_the_connection_before_its_byte_is_read()
    {
        var bytes = await SealAsync([1, 2, 3], [4, 5, 6]);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var read = await OpenAsync(flipped, s_one);
            Assert.True(read.Length < 6, "Changed bytes were read.");
            Assert.True(new byte[] { 1, 2, 3, 4, 5, 6 }.AsSpan().StartsWith(read));
        }

        Assert.True(_forged > 0);
    }

    [Fact]
    public async Task Pieces_in_another_order_twice_or_without_one_are_not_read()
    {
        var bytes = await SealAsync([1, 1], [2, 2], [3, 3]);
        var length = bytes.Length / 3;
        byte[] one = bytes[..length], two = bytes[length..(2 * length)], three = bytes[(2 * length)..];

        await AssertReadAsync([1, 1, 2, 2, 3, 3], [.. one, .. two, .. three], s_one);
        Assert.Equal(0, _forged);
        await AssertReadAsync([], [.. two, .. one, .. three], s_one);

        // What came together with a piece that does not fit is not read either.
        await AssertReadAsync([], [.. one, .. one, .. two], s_one);
        await AssertReadAsync([], [.. one, .. three], s_one);
        Assert.Equal(3, _forged);
    }

    [Fact]
    public async Task Pieces_of_another_connection_or_of_this_end_are_not_read()
    {
        await AssertReadAsync([], await SealAsync([1]), s_two);
        Assert.Equal(1, _forged);
    }

    [Fact]
    public async Task A_length_that_no_piece_has_is_not_waited_for()
    {
        await AssertReadAsync([], [255, 255, 255, 127, 0], s_one);
        await AssertReadAsync([], [0, 0, 0, 0], s_one);
        Assert.Equal(2, _forged);
    }

    [Fact]
    public async Task A_cancelled_read_comes_back_and_can_be_repeated()
    {
        var pipe = new Pipe();
        using var transport = New(pipe.Reader, s_one);
        var read = transport.Input.ReadAsync().AsTask();
        pipe.Reader.CancelPendingRead();
        var cancelled = await read;
        Assert.True(cancelled.IsCanceled);
        transport.Input.AdvanceTo(cancelled.Buffer.Start);

        await pipe.Writer.WriteAsync(await SealAsync([7]));

        Assert.Equal([7], (await transport.Input.ReadAsync()).Buffer.ToArray());
    }

    private static async Task<byte[]> SealAsync(params byte[][] writes)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var writer = new SealedPipeWriter(pipe.Writer, s_one);
        foreach (var bytes in writes)
        {
            await writer.WriteAsync(bytes);
        }

        await writer.CompleteAsync();
        return (await pipe.Reader.ReadAsync()).Buffer.ToArray();
    }

    private async Task AssertReadAsync(byte[] expected, byte[] bytes, byte[] key) => Assert.Equal(expected, await OpenAsync(bytes, key));

    /// <summary>All that can be read before the end, or before a piece that does not fit.</summary>
    private async Task<byte[]> OpenAsync(byte[] bytes, byte[] key)
    {
        using var transport = New(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), key);
        var got = new List<byte>();
        try
        {
            while (true)
            {
                var read = await transport.Input.ReadAsync();
                got.AddRange(read.Buffer.ToArray());
                transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return [.. got];
                }
            }
        }
        catch (InvalidDataException)
        {
            return [.. got];
        }
    }

    private SealedTransport New(PipeReader input, byte[] key) => new(new Ends(input, new Pipe().Writer), s_two, key, () => _forged++);

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
