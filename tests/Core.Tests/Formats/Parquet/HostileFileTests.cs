using MicroSpark.Files;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>Bytes that somebody made to do harm: they give rows or an error of the format, and take no memory that they do not back.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const int Rows = 100_000;
    private const long MostBytes = 40L << 20;
    private readonly TemporaryFolder _folder = new();

    public sealed record Row(int? Id, string? Text, List<int?>? List);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(None)]
    [InlineData(SnappyCodec)]
    [InlineData(Gzip)]
    [InlineData(Brotli)]
    [InlineData(Hadoop)]
    [InlineData(Zstd)]
    [InlineData(Lz4Raw)]
    public void A_changed_byte_gives_rows_or_an_error_of_the_format(int codec)
    {
        var whole = Sample(codec);
        var random = new Random(17 + codec);
        for (var i = 0; i < 500; i++)
        {
            byte[] changed = [.. whole];
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                changed[random.Next(4, changed.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }

            Survive(changed, $"change {i}");
        }
    }

    [Fact]
    public void A_file_that_ends_anywhere_is_an_error_of_the_format()
    {
        var whole = Sample(None);
        for (var length = 0; length < whole.Length; length += 7)
        {
            Survive(whole[..length], $"length {length}");
            Survive([.. whole[..length], .. whole[^200..]], $"cut at {length}");
        }
    }

    [Fact]
    public void A_dictionary_that_claims_to_be_large_takes_no_memory()
    {
        var page = new Page(int.MaxValue, PageEncoding.Plain, [1, 0, 0, 0, (byte)'a']) { IsDictionary = true };
        var file = Build(
            [Leaf("Text", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))], 1, 1, None,
            [page, new Page(1, PageEncoding.RleDictionary, [1, 3, 0], Def: [1])]);
        Assert.Contains("expected a dictionary of 2147483647 values, found 5 bytes", Fails<Text>(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_a_thousand_million_values_is_read_as_far_as_it_is_asked_for()
    {
        // Definition levels and places in the dictionary: one run each.
        byte[] run = [.. Varint(1UL << 30 << 1), 1];
        byte[] values = [.. BitConverter.GetBytes(run.Length), .. run, 1, .. Varint(1UL << 30 << 1), 0];
        var file = Build(
            [Leaf("Text", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text))], 1, 1 << 30, None,
            [new Page(1, PageEncoding.Plain, [1, 0, 0, 0, (byte)'a']) { IsDictionary = true }, new Page(1 << 30, PageEncoding.RleDictionary, values)]);
        var path = _folder.Write("run.parquet", file);
        Assert.All(Measured(() => Read<Text>(path, Rows)), static row => Assert.Equal("a", row.Value));
    }

    [Theory]
    [InlineData(SnappyCodec)]
    [InlineData(Gzip)]
    [InlineData(Brotli)]
    [InlineData(Hadoop)]
    [InlineData(Zstd)]
    [InlineData(Lz4Raw)]
    public void A_page_that_claims_to_be_large_takes_no_memory(int codec)
    {
        var file = Build([Leaf("Id", PhysicalType.Int32)], 1, 1, codec, [new Page(1, PageEncoding.Plain, [1, 0, 0, 0])]);

        // The page's header begins with its kind, then its size: 4 bytes as zigzag.
        Assert.Equal([0x15, 0, 0x15, 8], file[4..8]);
        byte[] larger = [.. file[..7], .. Varint(200_000_000UL << 1), .. file[8..]];
        var error = Fails<One>(larger);
        Assert.Contains("hostile.parquet', row group 0, column", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_within_groups_end()
    {
        SchemaElement[] schema = [.. Enumerable.Range(0, 1000).Select(static i => Group($"g{i}", Repetition.Optional, 1)), Leaf("Id", PhysicalType.Int32)];
        var file = Build(schema, 1, 0, None, []);
        Assert.Contains("expected at most 60 levels of nested columns", Fails<Row>(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_within_lists_end()
    {
        SchemaElement[] schema = [.. Enumerable.Range(0, 1000).Select(static i => Group($"g{i}", Repetition.Repeated, 1, LogicalKind.List)), Leaf("Id", PhysicalType.Int32, Repetition.Repeated)];
        Assert.Contains("expected at most 60 levels of nested columns", Fails<Row>(Build(schema, 1, 0, None, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_promise_the_same_columns_take_no_memory()
    {
        const int Columns = 100_000;
        SchemaElement[] schema = [.. Enumerable.Repeat(Leaf("", PhysicalType.Int32), Columns)];
        var footer = new ThriftWriter();
        footer.Begin();
        footer.List(2, ThriftType.Struct, 50 + Columns);
        for (var i = 0; i < 50; i++)
        {
            Group("g", Repetition.Required, Columns).Write(footer);
        }

        Array.ForEach(schema, element => element.Write(footer));
        footer.End();
        Assert.Contains("expected 100000 columns in the group 'g', found 49", Fails<One>(WithFooter([.. "PAR1"u8], footer.Written)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_claims_to_be_as_long_as_the_footer_takes_no_memory()
    {
        var footer = new ThriftWriter();
        footer.Begin();
        footer.List(2, ThriftType.Struct, 1 << 20);
        footer.Raw(new byte[1 << 20]);
        Assert.Contains("expected a column with a name", Fails<One>(WithFooter([.. "PAR1"u8], footer.Written)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_is_there_once_and_not_for_each_column_below()
    {
        const int Columns = 5000;
        var file = Build(
            [Group(new string('g', 20_000), Repetition.Required, Columns), .. Enumerable.Repeat(Leaf("", PhysicalType.Int32), Columns)], 1, 0, None,
            [.. Enumerable.Repeat<Page[]>([], Columns)]);
        Assert.Contains("has no column 'Id'", Fails<One>(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    public void A_page_outside_of_the_file_is_an_error_of_the_format(long place)
    {
        var path = _folder.Write("hostile.parquet", Sample(None));
        using var input = new ParquetInput(LocalFileSystem.Instance.Stat(path)!.Value, LocalFileSystem.Instance);
        var leaf = new ParquetLeafNode("Id", ParquetPath.Root, false, 0, 0, PhysicalType.Int32, 0, default);
        using var pages = new ColumnPages(input, new ParquetChunk(PhysicalType.Int32, None, 1, place, 100, null), leaf, long.MaxValue);
        Assert.Contains("found the end of the file", Assert.Throws<InvalidDataException>(() => pages.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_boolean_is_no_other_number()
    {
        byte[] run = [.. Varint(8 << 1), 2];
        var file = Build(
            [Leaf("Is", PhysicalType.Boolean)], 1, 8, None, [new Page(8, PageEncoding.Rle, [.. BitConverter.GetBytes(run.Length), .. run])]);
        Assert.Contains("expected a value of at most 1 bits, found 2", Fails<ValueTuple<bool>>(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Gzip)]
    [InlineData(Brotli)]
    [InlineData(Zstd)]
    public void A_page_of_wrong_bytes_that_claims_to_be_large_takes_no_memory(int codec)
    {
        var file = Build([Leaf("Id", PhysicalType.Int32)], 1, 1, codec, [new Page(1, PageEncoding.Plain, [1, 0, 0, 0])]);
        Assert.Equal([0x15, 0, 0x15, 8, 0x15], file[4..9]);
        var stored = file[9] / 2;
        var body = file.AsSpan().IndexOf(new byte[] { 0x15, 6, 0x15, 6, 0, 0 }) + 6;
        Array.Fill(file, (byte)0xFF, body, stored);
        Assert.Contains("hostile.parquet', row group 0, column", Fails<One>([.. file[..7], .. Varint(200_000_000UL << 1), .. file[8..]]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_of_wide_values_has_no_more_than_its_bytes_hold()
    {
        var page = new Page(8 << 20, PageEncoding.Plain, new byte[1 << 20]) { IsDictionary = true };
        var file = Build(
            [Leaf("Id", PhysicalType.FixedBytes, logical: new(LogicalKind.Decimal), length: 16)], 1, 1, None,
            [page, new Page(1, PageEncoding.RleDictionary, [1, 3, 0])]);
        Assert.Contains("expected a dictionary of 8388608 values, found 1048576 bytes", Fails<ValueTuple<decimal>>(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_long_by_the_schema_take_no_memory()
    {
        foreach (var encoding in (PageEncoding[])[PageEncoding.Plain, PageEncoding.ByteStreamSplit, PageEncoding.DeltaByteArray])
        {
            var file = Build([Leaf("Id", PhysicalType.FixedBytes, length: 1 << 28)], 1, 1, None, [new Page(1, encoding, [1, 2, 3, 4, 5, 6, 7, 8])]);
            Assert.Contains("hostile.parquet', row group 0, column 'Id'", Fails<ValueTuple<byte[]>>(file), StringComparison.Ordinal);
        }
    }

    public sealed record One(int Id);

    public sealed record Text(string? Value)
    {
        [System.Text.Json.Serialization.JsonPropertyName("Text")]
        public string? Value { get; } = Value;
    }

    internal static byte[] Sample(int codec)
    {
        byte[] texts = [2, 0, 0, 0, (byte)'a', (byte)'b', 1, 0, 0, 0, (byte)'c'];
        return Build(
            [Leaf("Id", PhysicalType.Int32, Repetition.Optional), Leaf("Text", PhysicalType.Bytes, Repetition.Optional, new(LogicalKind.Text)),
                Group("List", Repetition.Optional, 1, LogicalKind.List), Group("list", Repetition.Repeated, 1), Leaf("element", PhysicalType.Int32, Repetition.Optional)],
            3, 4, codec,
            [new Page(4, PageEncoding.Plain, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], Def: [1, 1, 0, 1])],
            [new Page(2, PageEncoding.Plain, texts) { IsDictionary = true }, new Page(4, PageEncoding.RleDictionary, [1, 3, 0b0101], Def: [1, 0, 1, 1]) { IsV2 = true }],
            [new Page(6, PageEncoding.Plain, [1, 0, 0, 0, 3, 0, 0, 0], [0, 1, 1, 0, 0, 0], [3, 2, 3, 2, 1, 0])]);
    }

    private void Survive(byte[] file, string what)
    {
        var path = _folder.Write("hostile.parquet", file);
        try
        {
            Measured(() => Read<Row>(path, Rows));
        }
        catch (InvalidDataException e)
        {
            Assert.True(e.Message.Contains(path, StringComparison.Ordinal), $"{what}: the file is not named: {e}");
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{what}: {e}");
        }
    }

    private string Fails<T>(byte[] file)
    {
        var path = _folder.Write("hostile.parquet", file);
        return Measured(() => Assert.Throws<InvalidDataException>(() => Read<T>(path, Rows))).Message;
    }

    // What this thread allocates: the tests beside it do not count.
    internal static T Measured<T>(Func<T> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = read();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        return result;
    }
}
