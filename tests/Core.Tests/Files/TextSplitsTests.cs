using CsCheck;
using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>Counts and cuts as Hadoop's FileInputFormat makes them.</summary>
public class TextSplitsTests
{
    [Theory]
    [InlineData(100, 2, new long[] { 50, 50 })]
    [InlineData(101, 2, new long[] { 50, 51 })] // a last piece of up to 10 % more stays whole
    [InlineData(105, 10, new long[] { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 5 })]
    [InlineData(3, 100, new long[] { 1, 1, 1 })]
    [InlineData(7, 0, new long[] { 7 })]
    [InlineData(0, 4, new long[] { 0 })]
    public void One_file_is_cut_by_the_goal_size(long length, int minPartitions, long[] lengths) =>
        Assert.Equal(lengths, TextSplits.Plan([new FileEntry("/a", length, 1)], minPartitions).Select(split => split.Length));

    [Theory]
    [InlineData(null, 1, 300, 1)]
    [InlineData(null, 8, 0, 2)]
    [InlineData(null, 8, 6, 2)]
    [InlineData(null, 8, 12, 3)]
    [InlineData(null, 8, 200, 8)]
    [InlineData(null, 64, 200, 50)]
    [InlineData(5, 8, 200, 5)]
    public void A_file_nobody_wants_cut_in_a_number_keeps_the_slots_busy_with_4_MB_each(int? asked, int slots, int megabytes, int least) =>
        Assert.Equal(least, new PartitionWish(asked, slots).For([new FileEntry("/a", (long)megabytes << 20, 1)]));

    [Fact]
    public void No_split_is_larger_than_the_bound()
    {
        var splits = TextSplits.Plan([new FileEntry("/a", 10 * TextSplits.MaxSplitBytes, 1)], 1);
        Assert.Equal(10, splits.Length);
    }

    [Fact]
    public void Every_file_has_a_split_and_compressed_ones_have_one()
    {
        FileEntry[] files = [new("/a", 10, 1), new("/b.gz", 1000, 2), new("/c", 0, 3), new("/d", 1000, 4)];
        var splits = TextSplits.Plan(files, 20);

        Assert.Equal(["/a", "/b.gz", "/c", .. Enumerable.Repeat("/d", 10)], splits.Select(split => split.Path));
        Assert.Equal(files[1], splits[1].File);
    }

    [Fact]
    public void Up_to_a_thousand_files_have_partitions_of_their_own() =>
        Assert.Equal(Enumerable.Range(1, TextSplits.MostUnpacked), TextSplits.Pack(Plan(TextSplits.MostUnpacked, 100, 2), 2));

    [Theory]
    [InlineData(1_001, 2)]
    [InlineData(10_000, 2)]
    [InlineData(10_000, 3_000)]
    [InlineData(10_000, 20_000)]
    public void Neighbours_among_many_files_share_partitions(int files, int minPartitions)
    {
        var splits = Plan(files, 100, minPartitions);
        var ends = TextSplits.Pack(splits, minPartitions);

        Assert.InRange(ends.Length, Math.Min(minPartitions, splits.Length), Math.Max(TextSplits.MostUnpacked, minPartitions));
        Assert.InRange(ends.Length, Math.Min(TextSplits.MostUnpacked, splits.Length) * 9 / 10, int.MaxValue);
        Assert.Equal(ends.Distinct().Order(), ends);
        Assert.Equal(splits.Length, ends[^1]);
    }

    [Fact]
    public void A_large_file_among_many_small_ones_keeps_its_partitions()
    {
        FileEntry[] files = [.. Enumerable.Range(0, 5_000).Select(i => new FileEntry($"/{i}", i == 2_500 ? 20 * TextSplits.MaxSplitBytes : 100, i))];
        var splits = TextSplits.Plan(files, 2);
        var ends = TextSplits.Pack(splits, 2);

        long Bytes(int partition) => splits[(partition == 0 ? 0 : ends[partition - 1])..ends[partition]].Sum(split => split.Length);
        Assert.InRange(Enumerable.Range(0, ends.Length).Max(Bytes), 0, TextSplits.MaxSplitBytes + 500_000);
        Assert.True(ends.Length <= TextSplits.MostUnpacked);
    }

    [Fact]
    public void No_files_have_no_partitions() => Assert.Empty(TextSplits.Pack([], 2));

    private static TextSplit[] Plan(int files, long length, int minPartitions) =>
        TextSplits.Plan([.. Enumerable.Range(0, files).Select(i => new FileEntry($"/{i}", length, i))], Math.Min(minPartitions, 2));

    [Fact]
    public void No_files_have_no_splits() => Assert.Empty(TextSplits.Plan([], 4));

    [Fact]
    public void Splits_cover_each_file_without_gap_or_overlap() =>
        Gen.Select(Gen.Int[0, 5000].Array[0, 8], Gen.Int[0, 40]).Sample(
            (lengths, minPartitions) =>
            {
                FileEntry[] files = [.. lengths.Select((length, i) => new FileEntry($"/{i}", length, i))];
                var splits = TextSplits.Plan(files, minPartitions);
                foreach (var file in files)
                {
                    long next = 0;
                    foreach (var split in splits.Where(split => split.Path == file.Path))
                    {
                        Assert.Equal(next, split.Start);
                        Assert.Equal(file, split.File);
                        next += split.Length;
                    }

                    Assert.Equal(file.Length, next);
                }
            },
            iter: 1_000);
}
