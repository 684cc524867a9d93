using MicroSpark.Files;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Formats.Parquet.Writing;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Formats.Parquet.HostileFileTests;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>Values of megabytes, of which the file has few bytes: a batch has as many rows as there is room for.</summary>
public sealed class LargeValueTests : IDisposable
{
    private const int Large = 4 << 20;
    private const int Rows = 200;
    private readonly TemporaryFolder _folder = new();

    public sealed record Blob(int Id, byte[] Data);

    public sealed record Blobs(List<byte[]>? L);

    public sealed record Ints(List<int> L);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_batch_of_values_that_share_their_beginning_has_few_rows()
    {
        var path = WriteBlobs([new Page(Rows, PageEncoding.DeltaByteArray, SharedBytes(Rows, Large))]);
        var rows = Measured(() => Read<Blob>(path, 1));
        Assert.Equal(Enumerable.Range(0, rows.Count), rows.Select(static row => row.Id));
        Assert.All(rows, static row => Assert.Equal(Large, row.Data.Length));
    }

    [Fact]
    public void A_batch_of_pages_that_were_compressed_has_few_rows()
    {
        var page = new Page(1, PageEncoding.Plain, [.. BitConverter.GetBytes(Large), .. new byte[Large]]);
        var path = WriteBlobs([.. Enumerable.Repeat(page, Rows)]);
        Assert.All(Measured(() => Read<Blob>(path, 1)), static row => Assert.Equal(Large, row.Data.Length));
    }

    [Fact]
    public void Bytes_of_a_dictionary_are_each_rows_own_and_count()
    {
        byte[] places = [1, .. Hybrid(new int[Rows], 1, withLength: false)];
        var path = WriteBlobs(
        [
            new Page(1, PageEncoding.Plain, [.. BitConverter.GetBytes(Large), .. new byte[Large]]) { IsDictionary = true },
            new Page(Rows, PageEncoding.RleDictionary, places),
        ]);
        var rows = Measured(() => Read<Blob>(path, 2));
        rows[0].Data[0] = 1;
        Assert.Equal(0, rows[1].Data[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_rows_come_when_values_of_many_sizes_meet_columns_of_small_ones(bool nulls)
    {
        // Half a megabyte now and then: batches end there, and the other columns have more.
        int[] sizes = [.. Enumerable.Range(0, 3000).Select(static i => i % 10 == 0 ? 1 << 19 : i % 7)];
        int[] def = [.. sizes.Select(size => nulls && size == 3 ? 0 : 1)];
        byte[] values = [.. sizes.Where((_, i) => def[i] == 1).SelectMany(static size => (byte[])[.. BitConverter.GetBytes(size), .. new byte[size]])];
        var path = _folder.Write("large.parquet", Build(
            [Leaf("Id", PhysicalType.Int32), Leaf("Data", PhysicalType.Bytes, nulls ? Repetition.Optional : Repetition.Required),
                Group("L", Repetition.Required, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32)],
            3, sizes.Length, Zstd, [Ids(sizes.Length)], [new Page(sizes.Length, PageEncoding.Plain, values, Def: nulls ? def : null)],
            [new Page(2 * sizes.Length, PageEncoding.Plain, [.. Enumerable.Range(0, 2 * sizes.Length).SelectMany(BitConverter.GetBytes)],
                [.. sizes.SelectMany(static _ => new[] { 0, 1 })], [.. Enumerable.Repeat(1, 2 * sizes.Length)])]));
        var rows = Read<(int Id, byte[]? Data, List<int> L)>(path);
        Assert.Equal(Enumerable.Range(0, sizes.Length), rows.Select(static row => row.Id));
        Assert.Equal(sizes.Select((size, i) => def[i] == 0 ? -1 : size), rows.Select(static row => row.Data?.Length ?? -1));
        Assert.All(rows, static row => Assert.Equal([2 * row.Id, (2 * row.Id) + 1], row.L));
    }

    [Fact]
    public void Items_of_a_list_count_with_what_they_have_in_memory()
    {
        const int Items = 1000;
        var path = _folder.Write("large.parquet", Build(
            [Group("L", Repetition.Required, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Bytes)],
            1, 1, Zstd, [new Page(Items, PageEncoding.DeltaByteArray, SharedBytes(Items, 1 << 20), [.. Enumerable.Range(0, Items).Select(static i => i == 0 ? 0 : 1)],
                [.. Enumerable.Repeat(1, Items)])]));
        var error = Measured(() => Assert.Throws<InvalidDataException>(() => Read<Blobs>(path, longest: 8 << 20)));
        Assert.Contains("expected rows of at most 8388608 bytes (MicroSpark:MaxLineSize)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_long_together_are_no_long_row()
    {
        const int Lists = 500, Items = 400;
        var path = _folder.Write("large.parquet", Build(
            [Group("L", Repetition.Required, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32)],
            1, 2 * Lists, Zstd, [.. Enumerable.Repeat(new Page(Lists * Items, PageEncoding.Plain, new byte[Lists * Items * sizeof(int)],
                [.. Enumerable.Range(0, Lists * Items).Select(static i => i % Items == 0 ? 0 : 1)], [.. Enumerable.Repeat(1, Lists * Items)]), 2)]));
        Assert.All(Read<Ints>(path, longest: 1 << 20), static row => Assert.Equal(Items, row.L.Count));
    }

    [Theory]
    [InlineData(None)]
    [InlineData(Zstd)]
    public void A_page_is_at_most_as_long_as_a_line(int codec)
    {
        var path = _folder.Write("large.parquet", Build(
            [Leaf("Id", PhysicalType.Int32)], 1, 1 << 18, codec, [new Page(1 << 18, PageEncoding.Plain, new byte[1 << 20])]));
        Assert.Equal(1 << 18, Read<One>(path, longest: 1 << 20).Count);
        var error = Assert.Throws<InvalidDataException>(() => Read<One>(path, longest: (1 << 20) - 1));
        Assert.Contains("expected at most 1048575 bytes in a page (MicroSpark:MaxLineSize), found 1048576", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_has_pages_of_megabytes_whatever_its_rows_are()
    {
        var rows = Enumerable.Range(0, 2000).Select(static i => new Blob(i, new byte[i % 100 == 0 ? 1 << 19 : 5000])).ToArray();
        var path = _folder.At("saved.parquet");
        Save(rows, path, groupBytes: long.MaxValue);
        var read = Read<Blob>(path, longest: 3 << 20);
        Assert.Equal(rows.Select(static row => (row.Id, row.Data.Length)), read.Select(static row => (row.Id, row.Data.Length)));
    }

    [Fact]
    public void A_row_group_ends_when_it_takes_much_memory()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1000).Select(i => new Blob(i, new byte[4000])).ToArray();
        Array.ForEach(rows, row => random.NextBytes(row.Data));
        var path = _folder.At("saved.parquet");
        Save(rows, path, groupBytes: 1 << 20);
        using var input = new ParquetInput(LocalFileSystem.Instance.Stat(path)!.Value, LocalFileSystem.Instance);
        Assert.InRange(ParquetFooter.Read(input).RowGroups.Length, 2, 4);
        var read = Read<Blob>(path);
        Assert.Equal(rows.Length, read.Count);
        Assert.All(rows.Zip(read), static pair => Assert.True(pair.First.Id == pair.Second.Id && pair.First.Data.AsSpan().SequenceEqual(pair.Second.Data)));
    }

    private static void Save(Blob[] rows, string path, long groupBytes)
    {
        using var file = File.Create(path);
        var writer = new ParquetPartWriter<Blob>(file, 0, CancellationToken.None, groupBytes);
        writer.Write(rows);
        writer.Complete();
    }

    private static Page Ids(int count) => new(count, PageEncoding.Plain, [.. Enumerable.Range(0, count).SelectMany(BitConverter.GetBytes)]);

    // The first is as long as is said, and the others are the same.
    private static byte[] SharedBytes(int count, int length) =>
    [
        .. Delta([.. Enumerable.Range(0, count).Select(i => i == 0 ? 0L : length)]),
        .. Delta([.. Enumerable.Range(0, count).Select(i => i == 0 ? (long)length : 0)]), .. new byte[length],
    ];

    private string WriteBlobs(Page[] data) => _folder.Write(
        "large.parquet", Build([Leaf("Id", PhysicalType.Int32), Leaf("Data", PhysicalType.Bytes)], 2, Rows, Zstd, [Ids(Rows)], data));
}
