using MicroSpark.Grains.Figures;
using MicroSpark.Grains.History;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Figures;

/// <summary>A stream has all tasks of what is shown, and no more tiles than can be seen.</summary>
public sealed class TaskStreamTests
{
    private const int Numbers = 7;

    private readonly JobRecording _job = new(JobId.New());

    [Theory]
    [InlineData(10)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void All_tasks_are_in_some_tile_and_tiles_follow_the_pixels(int pixels)
    {
        var random = new Random(3);
        const int Lanes = 3;
        foreach (var lane in Enumerable.Range(0, Lanes))
        {
            var at = 0L;
            for (var i = 0; i < 5000; i++)
            {
                // Two stages take turns, as those that a join reads do.
                var took = random.Next(1, 40) * TimeSpan.TicksPerMillisecond / 10;
                Add(stage: i % 2, lane, at, took);
                at += took + random.Next(0, 5);
            }
        }

        var tiles = Tiles(TaskStream.Of(_job, 0, 0, pixels));
        Assert.Equal(Lanes * 5000, tiles.Sum(tile => tile[6]));
        Assert.True(tiles.Length <= Lanes * 2 * 2 * (pixels + 1), $"{tiles.Length} tiles for {pixels} pixels");
        Assert.All(tiles, tile => Assert.InRange(tile[0], 0, Lanes - 1));
    }

    [Fact]
    public void A_part_has_what_falls_into_it()
    {
        foreach (var i in Enumerable.Range(0, 100))
        {
            Add(0, 0, i * TimeSpan.TicksPerSecond, TimeSpan.TicksPerSecond / 2);
        }

        var part = Tiles(TaskStream.Of(_job, 10_000, 20_000, 1000));
        Assert.Equal(Enumerable.Range(10, 11).Select(i => i * 1000.0), part.Select(tile => tile[1]));
    }

    [Fact]
    public void A_failure_is_no_part_of_its_neighbours()
    {
        Add(0, 0, 0, 10);
        Add(0, 0, 10, 10, TaskEnd.Failed);
        Add(0, 0, 20, 10);
        Add(0, 0, TimeSpan.TicksPerMinute, 10);
        var tiles = Tiles(TaskStream.Of(_job, 0, 0, 100));
        Assert.Equal([(0.0, 2.0), (1.0, 1.0), (0.0, 1.0)], tiles.Select(tile => (tile[4], tile[6])));
    }

    private static double[][] Tiles(StreamShape stream) => [.. stream.Tiles.Chunk(Numbers)];

    private void Add(int stage, int lane, long began, long took, TaskEnd end = TaskEnd.Succeeded) => _job.Add(
        new WorkerId("w"), new LineageId(1, (ulong)stage),
        new TaskRow { Began = TimeSpan.TicksPerDay + began, Took = took, Lane = (ushort)lane, End = (byte)end });
}
