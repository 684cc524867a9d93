using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Rdds;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Rdds;

public sealed class MapPagesTests
{
    private const int Many = 1_000_000;

    private readonly MapPages _pages = new();
    private readonly List<BlockMapPage> _read = [];

    /// <summary>A map of a million partitions was one message of 12 MB.</summary>
    [Fact]
    public async Task A_large_map_is_read_in_pages()
    {
        var map = Map(5, Many);
        Same(map, await ReadAsync(() => map));
        Assert.InRange(_read.Count, 5, 10);
        Assert.All(_read, static page => Assert.InRange(page.WorkerOf.Length, 1, Pages.Largest / 12));
        Assert.Single(_read, static page => page.Workers.Length > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_small_one_is_one_page(int partitions)
    {
        var map = Map(5, partitions);
        Same(map, await ReadAsync(() => map));
        Assert.Single(_read);
    }

    [Fact]
    public async Task Of_nothing_there_is_no_map() => Assert.Null(await MapPages.ReadAsync(static (_, _) => Task.FromResult<BlockMapPage?>(null)));

    /// <summary>The recipe's blocks move on; what is being read stays as it was.</summary>
    [Fact]
    public async Task Pages_are_of_one_map()
    {
        var version = 0L;
        var first = Map(1, Many);
        Same(first, await ReadAsync(() => ++version == 1 ? first : Map(version, Many)));
    }

    [Fact]
    public async Task A_map_that_is_not_held_any_more_is_read_from_the_beginning()
    {
        var (first, last) = (Map(1, Many), Map(9, Many));
        var map = first;
        var read = await MapPages.ReadAsync((version, from) =>
        {
            if (from > 0 && map == first)
            {
                map = last;
                _pages.First(Map(7, Many));
                _pages.First(Map(8, Many));
            }

            return Task.FromResult(from == 0 ? _pages.First(map) : _pages.Rest(version, from));
        });
        Same(last, read);
    }

    private Task<BlockMap?> ReadAsync(Func<BlockMap> current) => MapPages.ReadAsync((version, from) =>
    {
        var page = from == 0 ? _pages.First(current()) : _pages.Rest(version, from);
        _read.Add(page!);
        return Task.FromResult(page);
    });

    private static BlockMap Map(long version, int partitions)
    {
        var random = new Random((int)version);
        var workers = new short[partitions];
        var attempts = new long[partitions];
        for (var p = 0; p < partitions; p++)
        {
            (workers[p], attempts[p]) = ((short)random.Next(-1, 2), random.NextInt64());
        }

        return new BlockMap(new LineageId(1, 2), version, [new WorkerId("a"), new WorkerId("b")], workers, attempts);
    }

    private static void Same(BlockMap expected, BlockMap? map)
    {
        Assert.Equal((expected.Lineage, expected.Version), (map!.Lineage, map.Version));
        Assert.Equal(expected.Workers, map.Workers);
        Assert.True(expected.WorkerOf.AsSpan().SequenceEqual(map.WorkerOf));
        Assert.True(expected.AttemptOf.AsSpan().SequenceEqual(map.AttemptOf));
    }
}
