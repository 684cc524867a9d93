using MicroSpark.Files;
using MicroSpark.Formats.Csv;
using MicroSpark.Formats.Parquet.Writing;
using MicroSpark.Model;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Formats;

/// <summary>Whatever goes wrong while a part is written, nothing of it is left.</summary>
public sealed class PartFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Zstd)]
    public void A_disk_that_fills_leaves_nothing(Compression compression)
    {
        var target = Begin(compression, ".csv");
        var random = new Random(1);
        var error = Assert.Throws<IOException>(() =>
        {
            using var file = new PartFile(target, 0, AttemptId.New(), new FullDisk(10_000));
            using var writer = new CsvPartWriter<(double, double)>(file.Content, 0, new CsvOptions());
            for (var i = 0; i < 1_000_000; i++)
            {
                writer.Write([(random.NextDouble(), random.NextDouble())]);
            }
        });
        Assert.Contains("No space left", error.Message);
        Assert.Empty(Directory.GetFiles(target.JobDirectory));
    }

    [Fact]
    public void A_disk_that_fills_leaves_no_Parquet_file()
    {
        var target = Begin(Compression.None, ".parquet");
        Assert.Throws<IOException>(() =>
        {
            using var file = new PartFile(target, 0, AttemptId.New(), new FullDisk(10_000));
            using var writer = new ParquetPartWriter<(int, string)>(file.Content, 0, default);
            for (var i = 0; i < 300_000; i++)
            {
                writer.Write([(i, $"text {i}")]);
            }

            writer.Complete();
            file.Commit();
        });
        Assert.Empty(Directory.GetFiles(target.JobDirectory));
    }

    [Fact]
    public void The_first_of_two_attempts_stays()
    {
        var target = Begin(Compression.Gzip, ".txt");
        using var first = new PartFile(target, 3, AttemptId.New());
        using var second = new PartFile(target, 3, AttemptId.New());
        second.Content.Write("second"u8);
        first.Content.Write("first"u8);
        second.Commit();
        first.Commit();
        first.Dispose();
        Assert.Equal(["part-00003.txt.gz"], Directory.GetFiles(target.Path).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(target.JobDirectory));
        using var reader = new StreamReader(FileCompression.Decompress(File.OpenRead(target.PartFile(3)), target.PartFile(3)));
        Assert.Equal("second", reader.ReadToEnd());
    }

    [Fact]
    public void Zstd_files_are_read_to_their_end()
    {
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n"));
        var frames = Zstd(text).Concat(Zstd("more\n")).ToArray();
        Assert.Equal(text + "more\n", Read(_folder.Write("a.zst", frames)));
        foreach (var length in new[] { 1, 10, frames.Length / 2, frames.Length - 1 })
        {
            var path = _folder.Write("cut.zst", frames[..length]);
            Assert.Contains("cut.zst", Assert.Throws<InvalidDataException>(() => Read(path)).Message);
        }

        Assert.Contains("b.zst", Assert.Throws<InvalidDataException>(() => Read(_folder.Write("b.zst", "no zstd at all"))).Message);

        static string Read(string path)
        {
            using var reader = new StreamReader(FileCompression.Decompress(File.OpenRead(path), path));
            return reader.ReadToEnd();
        }
    }

    private static byte[] Zstd(string text)
    {
        var bytes = new MemoryStream();
        using (var zstd = Compression.Zstd.Compress(bytes))
        {
            zstd.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private SaveTarget Begin(Compression compression, string extension)
    {
        var target = new SaveTarget(_folder.At("out"), JobId.New(), compression, extension);
        SaveCommit.Begin(target);
        return target;
    }
}
