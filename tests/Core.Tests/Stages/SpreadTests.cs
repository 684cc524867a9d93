using MicroSpark.Stages;

namespace MicroSpark.Tests.Stages;

/// <summary>Sequences of all kinds and sizes through one <see cref="Spread{T}"/>, one by one and gathered.</summary>
public class SpreadTests
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
            var spread = new Spread<int>(round % 2 == 0 ? 1 : Spread<int>.LongestRun);
            var expected = new List<int>();
            var actual = new List<int>();
            for (var i = 0; i < 12; i++)
            {
                var items = Enumerable.Range(expected.Count, s_sizes[random.Next(s_sizes.Length)]).ToArray();
                expected.AddRange(items);
                Take(spread, random.Next(4), items, gathers, actual);
            }

            if (spread.Rest(out var rest))
            {
                actual.AddRange(rest);
            }

            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void What_is_gathered_does_not_grow_with_what_came()
    {
        var spread = new Spread<int>(Spread<int>.LongestRun);
        var longest = 0;
        for (var i = 0; i < 2_000; i++)
        {
            foreach (var (kind, size) in new[] { (0, 200), (3, 1_024), (2, 250) })
            {
                Start(spread, kind, new int[size]);
                while (spread.Gather(out var run))
                {
                    longest = Math.Max(longest, run.Length);
                }
            }
        }

        Assert.InRange(longest, 1_024, 1_024 + 256);
    }

    private static void Take(Spread<int> spread, int kind, int[] items, bool gathers, List<int> taken)
    {
        Start(spread, kind, items);
        while (gathers ? spread.Gather(out var run) : spread.Next(out run))
        {
            taken.AddRange(run);
        }
    }

    private static void Start(Spread<int> spread, int kind, int[] items)
    {
        if (kind == 3)
        {
            items.CopyTo(spread.RoomFor(items.Length));
            spread.Start(spread.Selected(items.Length));
        }
        else
        {
            spread.Start(kind switch { 0 => items, 1 => items.ToList(), _ => items.Where(_ => true) });
        }
    }
}
