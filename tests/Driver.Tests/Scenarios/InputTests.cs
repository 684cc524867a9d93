using System.Text;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Files as users have them.</summary>
[Collection(ShapesCollection.Name)]
public sealed class InputTests(Shapes shapes) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, EveryShape]
    public async Task A_missing_file_and_a_folder_without_files(string shape)
    {
        var spark = shapes.Of(shape);
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => spark.TextFile(Path.Combine(_folder, "missing.txt")).CountAsync());
        Assert.Contains("missing.txt", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(() => spark.TextFile(Path.Combine(_folder, "*.none")).CountAsync());
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        Assert.Equal(0, await spark.TextFile(Path.Combine(_folder, "empty")).CountAsync());
    }

    [Theory, EveryShape]
    public async Task An_empty_file_has_no_lines(string shape)
    {
        var lines = shapes.Of(shape).TextFile(Write("empty.txt", []));
        Assert.Equal(0, await lines.CountAsync());
        Assert.Empty(await lines.Map(l => (l, 1)).ReduceByKey((a, b) => a + b).CollectAsync());
    }

    [Theory, EveryShape]
    public async Task Invalid_bytes_are_replaced(string shape)
    {
        var path = Write("invalid.txt", [(byte)'a', 0xff, (byte)'\n', 0xc3, (byte)'\n', 0xe2, 0x82, (byte)'b']);
        var expected = File.ReadAllLines(path, new UTF8Encoding(false));
        for (var partitions = 1; partitions < 8; partitions++)
        {
            Assert.Equal(expected, await shapes.Of(shape).TextFile(path, partitions).CollectAsync());
        }
    }

    [Theory, EveryShape]
    public async Task CRLF_ends_lines_wherever_the_splits_fall(string shape)
    {
        var text = string.Concat(Enumerable.Range(0, 50).Select(n => $"{new string('x', n % 7)}{n}\r\n")) + "\r\nlast";
        var path = Write("crlf.txt", Encoding.UTF8.GetBytes(text));
        var expected = text.Split("\r\n");
        foreach (var partitions in new[] { 1, 2, 7, 40 })
        {
            Assert.Equal(expected, await shapes.Of(shape).TextFile(path, partitions).CollectAsync());
        }
    }

    [Theory, EveryShape]
    public async Task A_line_of_100_MB(string shape)
    {
        const int Length = 100 << 20;
        var path = Path.Combine(_folder, "long.txt");
        using (var file = File.Create(path))
        {
            file.Write("first\n"u8);
            var part = new byte[1 << 20];
            Array.Fill(part, (byte)'y');
            for (var i = 0; i < 100; i++)
            {
                file.Write(part);
            }

            file.Write("\nlast"u8);
        }

        await Expect.ElementsAsync([5, Length, 4], shapes.Of(shape).TextFile(path, 4).Map(l => l.Length).CollectAsync());
    }

    [Theory, EveryShape]
    public async Task A_file_that_changed_since_it_was_listed_fails_the_job(string shape)
    {
        var spark = shapes.Of(shape);
        var path = Write("changes.txt", "a\nb\n"u8.ToArray());
        var lines = spark.TextFile(path);
        Assert.Equal(2, await lines.CountAsync());
        File.WriteAllText(path, "a\nb\nc\nd\n");
        var error = await Assert.ThrowsAnyAsync<Exception>(() => lines.CountAsync());
        Assert.Contains("changes.txt", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, await spark.TextFile(path).CountAsync());
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
