using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Sources;

/// <summary>The splits of a source, and which partition reads which: neighbours may share one.</summary>
/// <param name="Splits">In the order of the elements.</param>
/// <param name="Ends">Where each partition ends in the splits.</param>
internal sealed record PackedSplits(TextSplit[] Splits, int[] Ends)
{
    /// <summary>The fewest bytes of a split: the length of its path and four numbers.</summary>
    private const int LeastBytes = sizeof(int) + (4 * sizeof(long));

    public int Partitions => Ends.Length;

    /// <summary>The splits of a partition.</summary>
    public ReadOnlyMemory<TextSplit> this[int partition] => Splits.AsMemory((partition == 0 ? 0 : Ends[partition - 1])..Ends[partition]);

    /// <summary>Many small splits share partitions; see <see cref="TextSplits.Pack"/>.</summary>
    public static PackedSplits Of(TextSplit[] splits, int minPartitions) => new(splits, TextSplits.Pack(splits, minPartitions));

    /// <summary>A partition for each split.</summary>
    public static PackedSplits Apart(TextSplit[] splits) => new(splits, [.. Enumerable.Range(1, splits.Length)]);

    public static PackedSplits Read(PlanReader reader)
    {
        var splits = new TextSplit[reader.Count(LeastBytes)];
        for (var i = 0; i < splits.Length; i++)
        {
            splits[i] = new TextSplit(reader.Text(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
        }

        var ends = new int[reader.Count(sizeof(int))];
        for (var i = 0; i < ends.Length; i++)
        {
            ends[i] = reader.Index(splits.Length + 1);
            if (i > 0 && ends[i] < ends[i - 1])
            {
                throw PlanReader.Damaged($"partition {i} ends at split {ends[i]} and begins at {ends[i - 1]}");
            }
        }

        return new PackedSplits(splits, ends);
    }

    public void Write(PlanWriter writer)
    {
        writer.Int32(Splits.Length);
        foreach (var split in Splits)
        {
            writer.Text(split.Path);
            writer.Int64(split.Start);
            writer.Int64(split.Length);
            writer.Int64(split.FileLength);
            writer.Int64(split.ModifiedTicks);
        }

        writer.Int32(Ends.Length);
        foreach (var end in Ends)
        {
            writer.Int32(end);
        }
    }
}
