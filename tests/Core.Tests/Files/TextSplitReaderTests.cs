using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>Every line exactly once, from the split in which it starts, wherever cuts, buffers and reads fall.</summary>
public class TextSplitReaderTests
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    // Mostly line ends and pieces of characters, since the trouble is at the borders.
    private static readonly byte[][] Pieces =
    [
        "\n"u8.ToArray(), "\r"u8.ToArray(), "\r\n"u8.ToArray(), "a"u8.ToArray(), "word and word"u8.ToArray(), "é"u8.ToArray(),
        "漢"u8.ToArray(), "😀"u8.ToArray(), [0xFF], [0xC3], [0x80], [0xE6, 0xBC], [0], Mark,
    ];

    private static readonly Gen<byte[]> Texts = Gen.Int[0, Pieces.Length - 1].Array[0, 24]
        .Select(choices => choices.SelectMany(choice => Pieces[choice]).ToArray());

    [Fact]
    public void Splits_and_buffers_of_any_size_give_the_lines_of_the_whole_text() =>
        Gen.Select(Texts, Gen.Int[1, 12], Gen.Int[1, 9], Gen.Int[1, 5]).Sample(
            (text, splitBytes, bytesPerRead, chunk) =>
            {
                var files = new MemoryFileSystem(bytesPerRead);
                var file = files.Add("/text", text);
                var model = Model(text);
                for (long start = 0; start < text.Length; start += splitBytes)
                {
                    var length = Math.Min(splitBytes, text.Length - start);
                    var split = new TextSplit(file.Path, start, length, file.Length, file.ModifiedTicks);
                    Assert.Equal(
                        model.Where(line => line.Start >= start && line.Start < start + length).Select(line => line.Line),
                        Read(split, files, chunk, bufferBytes: 1));
                }
            },
            iter: 5_000);

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void Text_of_wider_units_is_read_by_its_mark_wherever_the_cuts_fall(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        string[] lines = ["é漢", "", "😀 a", "\u0a0a\u0d0d", "last"];
        byte[] text = [.. encoding.Preamble, .. encoding.GetBytes(string.Join('\n', lines))];
        var files = new MemoryFileSystem(bytesPerRead: 3);
        var file = files.Add("/text", text);
        for (var splitBytes = 1; splitBytes <= text.Length; splitBytes++)
        {
            var read = new List<string>();
            for (long start = 0; start < text.Length; start += splitBytes)
            {
                var split = new TextSplit(file.Path, start, Math.Min(splitBytes, text.Length - start), file.Length, file.ModifiedTicks);
                read.AddRange(Read(split, files, chunk: 2, bufferBytes: 1));
            }

            Assert.Equal(lines, read);
        }
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("a\r\nb\rc\n\r\nd", new[] { "a", "b", "c", "", "d" })]
    [InlineData("a\r\r\nb\r", new[] { "a", "", "b" })]
    [InlineData("\uFEFFa\n\uFEFFb", new[] { "a", "\uFEFFb" })]
    [InlineData("\uFEFF", new string[0])]
    [InlineData("\uFEFF\n", new[] { "" })]
    public void Line_ends_and_marks_follow_Hadoop(string text, string[] lines)
    {
        var files = new MemoryFileSystem();
        var file = files.Add("/text", Encoding.UTF8.GetBytes(text));
        Assert.Equal(lines, Whole(file, files));
    }

    [Fact]
    public void Invalid_bytes_become_replacement_characters()
    {
        var files = new MemoryFileSystem();
        var file = files.Add("/text", [(byte)'a', 0xFF, (byte)'b', (byte)'\n', 0xE6, 0xBC]);
        Assert.Equal(["a\uFFFDb", "\uFFFD"], Whole(file, files));
    }

    [Fact]
    public void A_line_of_100_MB_is_one_string_and_the_buffer_shrinks_after_it()
    {
        const int length = 100 << 20;
        var text = new byte[length + 8];
        text.AsSpan().Fill((byte)'x');
        "\nnext\nz\n"u8.CopyTo(text.AsSpan(length));
        var files = new MemoryFileSystem();
        var file = files.Add("/text", text);

        string[] lines = [.. Whole(file, files)];

        Assert.Equal([length, 4, 1], lines.Select(line => line.Length));
        Assert.Equal(-1, lines[0].AsSpan().IndexOfAnyExcept('x'));
    }

    [Fact]
    public void A_line_beyond_the_limit_is_an_error_that_names_file_and_byte()
    {
        var files = new MemoryFileSystem();
        var file = files.Add("/big", Encoding.UTF8.GetBytes("ok\n" + new string('x', 5000)));
        using var reader = new TextSplitReader(TextSplits.Plan([file], 1)[0], default, files, bufferBytes: 64, maxLineBytes: 1000);

        var lines = new string[1];
        Assert.Equal(1, reader.ReadLines(lines));
        var message = Assert.Throws<InvalidDataException>(() => reader.ReadLines(lines)).Message;
        Assert.Contains("/big", message);
        Assert.Contains("byte 3 ", message);
    }

    [Fact]
    public void A_cancelled_token_stops_the_reading()
    {
        var files = new MemoryFileSystem(bytesPerRead: 16);
        var file = files.Add("/text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789\n", 100))));
        using var source = new CancellationTokenSource();
        using var lines = TextSplitReader.Lines(TextSplits.Plan([file], 1)[0], source.Token, files).GetEnumerator();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => lines.MoveNext());
    }

    [Fact]
    public void Gzip_members_are_read_one_after_the_other()
    {
        var files = new MemoryFileSystem(bytesPerRead: 7);
        byte[] packed = [.. Gzip("one\ntw"), .. Gzip("o\n"), .. Gzip(""), .. Gzip(string.Concat(Enumerable.Repeat("three\n", 50_000)))];
        var file = files.Add("/text.gz", packed);

        Assert.Equal(["one", "two", .. Enumerable.Repeat("three", 50_000)], Whole(file, files));
    }

    [Fact]
    public void A_gzip_file_that_was_cut_anywhere_is_an_error_that_names_it()
    {
        byte[] packed = [.. Gzip("first line\nsecond line\n"), .. Gzip(string.Concat(Enumerable.Range(0, 60)))];
        var wholeMember = Gzip("first line\nsecond line\n").Length;
        for (var length = 1; length < packed.Length; length++)
        {
            if (length == wholeMember)
            {
                continue; // what is left is a whole file
            }

            var files = new MemoryFileSystem();
            var file = files.Add("/cut.gz", packed[..length]);
            Assert.Contains("/cut.gz", Assert.Throws<InvalidDataException>(() => Whole(file, files)).Message);
        }
    }

    [Fact]
    public void Text_in_a_gz_file_and_unknown_compressions_are_refused_by_name()
    {
        var files = new MemoryFileSystem();
        var text = files.Add("/text.gz", "no gzip at all"u8.ToArray());
        var bzip = files.Add("/text.bz2", "BZh9"u8.ToArray());
        Assert.Contains("/text.gz", Assert.Throws<InvalidDataException>(() => Whole(text, files)).Message);
        Assert.Contains("/text.bz2", Assert.Throws<NotSupportedException>(() => Whole(bzip, files)).Message);
    }

    [Fact]
    public void A_file_that_changed_or_went_since_it_was_listed_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.txt", "one\ntwo\n");
        var empty = folder.Write("empty.txt", "");
        var splits = TextSplits.Plan(FileListing.List(folder.Path), 1);
        Assert.Equal(["one", "two"], splits.SelectMany(split => TextSplitReader.Lines(split)));

        File.AppendAllText(path, "three\n");
        File.AppendAllText(empty, "four\n");
        foreach (var split in splits)
        {
            var message = Assert.Throws<IOException>(() => TextSplitReader.Lines(split).Count()).Message;
            Assert.Contains("changed since it was listed", message);
            Assert.Contains(split.Path, message);
        }

        File.WriteAllText(path, "ONE\nTWO\n");
        File.SetLastWriteTimeUtc(path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        Assert.Contains("2001-02-03", Assert.Throws<IOException>(() => TextSplitReader.Lines(splits[0]).Count()).Message);

        File.Delete(path);
        Assert.Equal(path, Assert.Throws<FileNotFoundException>(() => TextSplitReader.Lines(splits[0]).Count()).FileName);
    }

    private static List<(long Start, string Line)> Model(byte[] text)
    {
        var start = text.AsSpan().StartsWith(Mark) ? Mark.Length : 0;
        var latin = Encoding.Latin1.GetString(text, start, text.Length - start);
        List<(long Start, string Line)> lines = [];
        foreach (Match match in Regex.Matches(latin, "([^\r\n]*)(\r\n|\r|\n)|([^\r\n]+)$(?!\n)"))
        {
            var line = match.Groups[1].Value + match.Groups[3].Value;
            lines.Add((match.Index == 0 ? 0 : start + match.Index, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line))));
        }

        return lines;
    }

    private static IEnumerable<string> Whole(FileEntry file, MemoryFileSystem files) =>
        [.. TextSplits.Plan([file], 1).SelectMany(split => TextSplitReader.Lines(split, default, files))];

    private static List<string> Read(TextSplit split, MemoryFileSystem files, int chunk, int bufferBytes)
    {
        using var reader = new TextSplitReader(split, default, files, bufferBytes);
        var lines = new List<string>();
        var destination = new string[chunk];
        for (int count; (count = reader.ReadLines(destination)) > 0;)
        {
            lines.AddRange(destination[..count]);
        }

        Assert.Equal(0, reader.ReadLines(destination));
        return lines;
    }

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
