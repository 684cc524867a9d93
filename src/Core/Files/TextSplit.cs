namespace MicroSpark.Files;

/// <summary>
/// One partition of a text source: the lines that start at bytes <paramref name="Start"/> up to
/// <paramref name="Start"/> + <paramref name="Length"/> of a file, as the file was when it was listed.
/// </summary>
/// <param name="Length">In bytes of the file as it is stored; a compressed file is one split.</param>
internal readonly record struct TextSplit(string Path, long Start, long Length, long FileLength, long ModifiedTicks)
{
    /// <summary>The file as it was listed.</summary>
    public FileEntry File => new(Path, FileLength, ModifiedTicks);
}

/// <summary>
/// Cuts files into splits by Hadoop's rule, so Spark users get the partition counts that they know. Every file gets at least one split. The
/// size aimed at is the total over <c>minPartitions</c>, at most 128 MB. A last piece of up to 10 % more is not cut off.
/// </summary>
internal static class TextSplits
{
    /// <summary>No split is planned larger, so that a task's share of a big file stays small.</summary>
    public const long MaxSplitBytes = 128 << 20;

    private const long MinLargeSplitBytes = 4 << 20;

    /// <summary>Up to so many partitions every file has its own, as with Hadoop; files beyond it share them.</summary>
    public const int MostUnpacked = 1_000;

    private const double Slop = 1.1;

    /// <summary>Hadoop's and Spark's default of <c>minPartitions</c>.</summary>
    private const int HadoopPartitions = 2;

    /// <summary>What opening a file costs, in bytes read meanwhile.</summary>
    private const long OpenCost = 64 << 10;

    /// <summary>
    /// The splits in the order of the files and their bytes. An empty file has one split without lines; no files have none.
    /// </summary>
    public static TextSplit[] Plan(IReadOnlyList<FileEntry> files, int minPartitions)
    {
        long total = 0;
        foreach (var file in files)
        {
            total += file.Length;
        }

        return Cut(files, Math.Clamp(total / Math.Max(1, minPartitions), 1, MaxSplitBytes));
    }

    /// <summary>
    /// For typed sources whose partition count nobody asked for: as many splits as <paramref name="parallelism"/>, but none too small to be
    /// worth a task.
    /// </summary>
    public static TextSplit[] PlanLarge(IReadOnlyList<FileEntry> files, int parallelism) =>
        Cut(files, LargeSplitBytes(files.Sum(static file => file.Length), parallelism));

    /// <summary>
    /// How many partitions so many bytes should have at least when nobody asked for a number: 2, as with Hadoop, and more as long as there
    /// are slots for them and each has 4 MB. A file of 256 MB keeps eight cores busy, not two.
    /// </summary>
    public static int LeastPartitions(long total, int parallelism)
    {
        var bytes = LargeSplitBytes(total, parallelism);
        return (int)Math.Clamp((total + bytes - 1) / bytes, Math.Min(parallelism, HadoopPartitions), parallelism);
    }

    private static long LargeSplitBytes(long total, int parallelism) =>
        Math.Clamp(total / Math.Max(1, parallelism), MinLargeSplitBytes, MaxSplitBytes);

    private static TextSplit[] Cut(IReadOnlyList<FileEntry> files, long size)
    {
        var splits = new List<TextSplit>(files.Count);
        foreach (var file in files)
        {
            long start = 0;
            if (FileCompression.Of(file.Path) == FileCompression.Kind.None)
            {
                for (; (file.Length - start) / (double)size > Slop; start += size)
                {
                    splits.Add(new TextSplit(file.Path, start, size, file.Length, file.ModifiedTicks));
                }
            }

            if (start < file.Length || file.Length == 0)
            {
                splits.Add(new TextSplit(file.Path, start, file.Length - start, file.Length, file.ModifiedTicks));
            }
        }

        return [.. splits];
    }

    /// <summary>
    /// Where each partition ends in the splits, when neighbours share partitions: 100,000 small files would be as many tasks. Decided by
    /// what is listed alone; the order of the lines stays.
    /// </summary>
    public static int[] Pack(IReadOnlyList<TextSplit> splits, int minPartitions)
    {
        var wanted = Math.Max(MostUnpacked, minPartitions);
        Int128 total = 0;
        foreach (var split in splits)
        {
            total += split.Length + OpenCost;
        }

        var ends = new List<int>();
        Int128 soFar = 0;
        for (var i = 0; i < splits.Count; i++)
        {
            soFar += splits[i].Length + OpenCost;
            var left = splits.Count - i - 1;
            if (left == 0 || splits.Count <= wanted || soFar * wanted >= total * (ends.Count + 1) || left < minPartitions - ends.Count)
            {
                ends.Add(i + 1);
            }
        }

        return [.. ends];
    }
}

/// <summary>How many partitions a source of files should have at least.</summary>
/// <param name="Asked">By the program; null when it leaves that to the files' size.</param>
/// <param name="Parallelism">Slots that are there to read them.</param>
internal readonly record struct PartitionWish(int? Asked, int Parallelism)
{
    /// <summary>For these files.</summary>
    public int For(IReadOnlyList<FileEntry> files) =>
        Asked ?? TextSplits.LeastPartitions(files.Sum(static file => file.Length), Parallelism);
}
