using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Rdds;

/// <summary>
/// Where a recipe's blocks are, page by page: of a million partitions a map is 12 MB. Pages are of one map, though the recipe's blocks may
/// move while it is read: the last two maps that began to be read are held until others take their place.
/// </summary>
internal sealed class MapPages
{
    /// <summary>At 12 bytes each they are a page.</summary>
    private const int Partitions = Pages.Largest / 12;

    /// <summary>Readers of several silos may be at different ones.</summary>
    private const int MostHeld = 2;

    private readonly Queue<BlockMap> _held = new();

    /// <summary>The beginning of a map.</summary>
    public BlockMapPage First(BlockMap map)
    {
        if (map.WorkerOf.Length > Partitions && !_held.Contains(map))
        {
            _held.Enqueue(map);
            if (_held.Count > MostHeld)
            {
                _held.Dequeue();
            }
        }

        return Page(map, 0);
    }

    /// <summary>More of a map; null when it is not held any more, and is to be read from the beginning.</summary>
    public BlockMapPage? Rest(long version, int from) =>
        _held.FirstOrDefault(m => m.Version == version) is { } map ? Page(map, from) : null;

    /// <summary>Reads a map to its end.</summary>
    /// <param name="ask">For the page of a version that begins with a partition; with 0 for any version that is new enough.</param>
    /// <returns>Null when there is none.</returns>
    public static async Task<BlockMap?> ReadAsync(Func<long, int, Task<BlockMapPage?>> ask)
    {
        while (true)
        {
            if (await ask(0, 0) is not { } page)
            {
                return null;
            }

            if (page.WorkerOf.Length == page.Count)
            {
                return new BlockMap(page.Lineage, page.Version, page.Workers, page.WorkerOf, page.AttemptOf);
            }

            var map = new BlockMap(page.Lineage, page.Version, page.Workers, new short[page.Count], new long[page.Count]);
            var read = 0;
            while (page is not null)
            {
                page.WorkerOf.CopyTo(map.WorkerOf, read);
                page.AttemptOf.CopyTo(map.AttemptOf, read);
                read += page.WorkerOf.Length;
                if (read == page.Count)
                {
                    return map;
                }

                page = await ask(map.Version, read);
            }
        }
    }

    private static BlockMapPage Page(BlockMap map, int from)
    {
        var to = Math.Min(from + Partitions, map.WorkerOf.Length);
        return new BlockMapPage(
            map.Lineage, map.Version, map.WorkerOf.Length, from == 0 ? map.Workers : [], map.WorkerOf[from..to], map.AttemptOf[from..to]);
    }
}
