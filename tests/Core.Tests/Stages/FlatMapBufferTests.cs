using MicroSpark.Stages;
using MicroSpark.Stopping;

namespace MicroSpark.Tests.Stages;

/// <summary>Sequences of all kinds and sizes through one <see cref="FlatMapBuffer{T}"/>, one by one and gathered.</summary>
public class FlatMapBufferTests
{
    private static readonly int[] s_sizes = [0, 1, 63, 64, 65, 255, 256, 257, 1_023, 1_024];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_goes_in_comes_out_in_order(bool gathers)
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var buffer = new FlatMapBuffer<int>(round % 2 == 0 ? 1 : FlatMapBuffer<int>.LongestRun, new LoopEnd { End = 1 });
            var expected = new List<int>();
            var actual = new List<int>();
            for (var i = 0; i < 12; i++)
            {
                var items = Enumerable.Range(expected.Count, s_sizes[random.Next(s_sizes.Length)]).ToArray();
                expected.AddRange(items);
                Take(buffer, random.Next(4), items, gathers, actual);
            }

            if (buffer.Rest(out var rest))
            {
                actual.AddRange(rest);
            }

            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void What_is_gathered_does_not_grow_with_what_came()
    {
        var buffer = new FlatMapBuffer<int>(FlatMapBuffer<int>.LongestRun, new LoopEnd { End = 1 });
        var longest = 0;
        for (var i = 0; i < 2_000; i++)
        {
            foreach (var (kind, size) in new[] { (0, 200), (3, 1_024), (2, 250) })
            {
                Start(buffer, kind, new int[size]);
                while (buffer.Gather(out var run))
                {
                    longest = Math.Max(longest, run.Length);
                }
            }
        }

        Assert.InRange(longest, 1_024, 1_024 + 256);
    }

    private static void Take(FlatMapBuffer<int> buffer, int kind, int[] items, bool gathers, List<int> taken)
    {
        Start(buffer, kind, items);
        while (gathers ? buffer.Gather(out var run) : buffer.Next(out run))
        {
            taken.AddRange(run);
        }
    }

    private static void Start(FlatMapBuffer<int> buffer, int kind, int[] items)
    {
        if (kind == 3)
        {
            items.CopyTo(buffer.RoomFor(items.Length));
            buffer.Start(buffer.Selected(items.Length));
        }
        else
        {
            buffer.Start(kind switch { 0 => items, 1 => items.ToList(), _ => items.Where(_ => true) });
        }
    }
}
