using MicroSpark.Operators;
using MicroSpark.Ordering;

namespace MicroSpark.Tests.Operators;

public sealed class SampleKeysTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(12_345)]
    [InlineData(1_000_000)]
    public void Keys_are_drawn_evenly_and_stand_for_all(int count)
    {
        var sample = Draw(count, size: 100);
        Assert.InRange(sample.Length, Math.Min(count, 50), 100);
        Assert.Equal(count, sample.Sum(s => (double)s.Weight), Math.Max(1e-3, count * 1e-4));
        Assert.Equal(sample, Draw(count, size: 100));

        // One of each stretch of equal length.
        var stretch = (double)count / Math.Max(1, sample.Length);
        Assert.All(sample, (s, i) => Assert.InRange(s.Key, (i - 1) * stretch, (i + 2) * stretch));
    }

    private static (int Key, float Weight)[] Draw(int count, int size)
    {
        var sink = new SampleSink<int, int, Itself<int>>(size, seed: 3);
        for (var i = 0; i < count; i++)
        {
            sink.Add(i);
        }

        return sink.Weighted();
    }
}
