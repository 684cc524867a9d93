using MicroSpark.Memory;

namespace MicroSpark.Tests.Memory;

public class ByteHashTests
{
    [Fact]
    public void Any_flipped_bit_or_pair_of_bits_shows()
    {
        var random = new Random(1);
        foreach (var length in new[] { 1, 7, 8, 63, 64, 65, 200 })
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var sums = new HashSet<ulong> { ByteHash.Of(bytes, 5) };
            for (var first = 0; first < length * 8; first++)
            {
                Flip(bytes, first);
                Assert.True(sums.Add(ByteHash.Of(bytes, 5)));
                for (var second = first + 1; length <= 65 && second < length * 8; second++)
                {
                    Flip(bytes, second);
                    Assert.True(sums.Add(ByteHash.Of(bytes, 5)));
                    Flip(bytes, second);
                }

                Flip(bytes, first);
            }
        }
    }

    [Fact]
    public void Length_order_and_seed_count()
    {
        var zeros = Enumerable.Range(0, 300).Select(n => ByteHash.Of(new byte[n], 0));
        Assert.Equal(300, zeros.Distinct().Count());

        var words = Enumerable.Range(0, 256).Select(static i => (byte)i).ToArray();
        var swapped = words.ToArray();
        (swapped[8], swapped[72]) = (words[72], words[8]);
        Assert.NotEqual(ByteHash.Of(words, 0), ByteHash.Of(swapped, 0));
        Assert.NotEqual(ByteHash.Of(words, 0), ByteHash.Of(words, 1));
    }

    [Fact]
    public void Where_the_bytes_lie_does_not_count()
    {
        var bytes = new byte[300];
        new Random(2).NextBytes(bytes);
        var moved = new byte[307];
        bytes.CopyTo(moved, 7);
        Assert.Equal(ByteHash.Of(bytes, 3), ByteHash.Of(moved.AsSpan(7), 3));
    }

    private static void Flip(byte[] bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));
}
