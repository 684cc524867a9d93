using System.Buffers;
using MicroSpark.SharedVariables;

namespace MicroSpark.Tests.SharedVariables;

public sealed class ChunkedBytesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(ChunkedBytes.ChunkSize)]
    [InlineData((3 * ChunkedBytes.ChunkSize) + 17)]
    public void What_is_written_comes_out_in_bounded_pieces(int length)
    {
        var expected = new byte[length];
        new Random(1).NextBytes(expected);
        var output = new ChunkedBytes();
        foreach (var part in expected.Chunk(1013))
        {
            output.Write(part);
        }

        var chunks = output.Close();
        Assert.Equal(expected, chunks.SelectMany(chunk => chunk));
        Assert.All(chunks, chunk => Assert.InRange(chunk.Length, 1, ChunkedBytes.ChunkSize));
        Assert.InRange(chunks.Length, 0, (length / (ChunkedBytes.ChunkSize / 2)) + 1);
    }

    [Fact]
    public void Room_beyond_a_piece_is_given_in_one()
    {
        var output = new ChunkedBytes();
        output.Write<byte>([1, 2, 3]);
        var room = output.GetSpan(2 * ChunkedBytes.ChunkSize);
        Assert.True(room.Length >= 2 * ChunkedBytes.ChunkSize);
        room[..5].Fill(7);
        output.Advance(5);
        Assert.Equal([1, 2, 3, 7, 7, 7, 7, 7], output.Close().SelectMany(chunk => chunk));
    }
}
