using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Rdds;

/// <summary>What a worker holds of a recipe, read page by page to the end.</summary>
internal static class HeldPages
{
    /// <param name="ask">For the blocks of a recipe from a partition on.</param>
    public static async Task<HeldBlocks> ReadAsync(Func<LineageId, int, Task<HeldBlocks>> ask, LineageId lineage)
    {
        var page = await ask(lineage, 0);
        if (page.Next is null)
        {
            return page;
        }

        var blocks = new List<HeldBlock>(page.Blocks);
        var partitions = page.NumPartitions;
        while (page.Next is { } next)
        {
            page = await ask(lineage, next);
            blocks.AddRange(page.Blocks);
        }

        return new HeldBlocks(partitions, [.. blocks], null);
    }
}
