using System.Text;
using MicroSpark.Files;
using MicroSpark.Formats.Csv;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Formats;

/// <summary>The law of splits: over all of them every row comes exactly once, wherever the cuts fall.</summary>
public sealed class CsvSplitTests
{
    private static readonly string[] s_pieces =
        ["a", "b1", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"\"", "\"x,y\"", "\"p\nq\"", "\"\",", ",\"\"\n", "#c\"\n", " ", "ä€", "'", "\t", "\n\n"];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Any_cut_of_any_text_gives_the_rows_of_the_whole(bool comments, bool trimmed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(comments ? 17 : 4);
        var options = new CsvOptions { HasHeader = false, Comment = comments ? '#' : null, TrimWhitespace = trimmed };
        for (var round = 0; round < 60; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));
            var bytes = round % 5 == 0 ? [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)] : Encoding.UTF8.GetBytes(text);
            var path = folder.Write($"{round}.csv", bytes);
            var file = LocalFileSystem.Instance.Stat(path)!.Value;
            var whole = Rows(file, 0, file.Length, options);
            for (var cut = 1; cut < file.Length; cut++)
            {
                string[] both = [.. Rows(file, 0, cut, options), .. Rows(file, cut, file.Length - cut, options)];
                Assert.True(whole.SequenceEqual(both), $"cut {cut} of {Show(text)}:\n{string.Join('\n', whole.Select(Show))}\n--\n{string.Join('\n', both.Select(Show))}");
            }
        }
    }

    [Fact]
    public void Rows_of_empty_quotes_only_are_followed_back_to_the_start_of_the_file()
    {
        using var folder = new TemporaryFolder();
        var text = new StringBuilder("\"first\nline\"");
        for (var i = 0; i < 40_000; i++)
        {
            text.Append(",\"\",\"\"\n\"\"");
        }

        var path = folder.Write("quotes.csv", text.ToString());
        var file = LocalFileSystem.Instance.Stat(path)!.Value;
        var options = new CsvOptions { HasHeader = false };
        var size = file.Length / 5;
        var rows = Enumerable.Range(0, 6).SelectMany(i => Rows(file, i * size, Math.Min(size, file.Length - (i * size)), options));
        Assert.Equal(Rows(file, 0, file.Length, options), rows);
    }

    [Fact]
    public void A_row_longer_than_the_law_allows_fails_the_split_it_starts_in()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("long.csv");
        using (var file = File.CreateText(path))
        {
            file.Write("a\n\"");
            for (var i = 0; i < (CsvDialect.MaxRowBytes / 8) + 100; i++)
            {
                file.Write("1234567\n");
            }

            file.Write("\"\nb\n");
        }

        var entry = LocalFileSystem.Instance.Stat(path)!.Value;
        var error = Assert.Throws<InvalidDataException>(() => Rows(entry, 0, entry.Length - 10, new CsvOptions { HasHeader = false }));
        Assert.Contains("long.csv", error.Message);
        Assert.Contains("16 MB", error.Message);
    }

    private static string[] Rows(FileEntry file, long start, long length, CsvOptions options)
    {
        using var reader = new CsvRowReader<string[]>(new TextSplit(file.Path, start, length, file.Length, file.ModifiedTicks), options, default);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.Problem is { } problem ? $"{problem.Offset} {problem.Problem} {problem.Text}" : string.Join('|', reader.Current));
        }

        return [.. rows];
    }

    private static string Show(string text) => text.Replace("\n", "\\n").Replace("\r", "\\r");
}
