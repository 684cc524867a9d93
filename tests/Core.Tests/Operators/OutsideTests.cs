using System.IO.Compression;
using System.Text;
using MicroSpark.Sources;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Operators;

public class OutsideTests
{
    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Pipes(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            if (OperatingSystem.IsWindows())
            {
                return;
            }

            Assert.Equal(["1", "", "ä"], await bench.Of<string?>("1", null, "ä").Pipe("cat").CollectAsync());
            Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"{i}"), await bench.Range(20_000).Pipe("cat").CollectAsync());
            Assert.Equal(bench.Partitions, await bench.Of(Array.Empty<int>()).Pipe("wc", "-l").CountAsync());
            Assert.Equal(["a b"], await bench.Of(1).Coalesce(1).Pipe("echo", "a b").CollectAsync());
            Assert.Equal(["0"], await bench.Range(200_000).Pipe("head", "-n", "1").TakeAsync(1));
            var failed = await Assert.ThrowsAnyAsync<Exception>(() => bench.Range(3).Pipe("sh", "-c", "cat; echo broken >&2; exit 3").CollectAsync());
            Assert.Contains("exit code 3", failed.Message);
            Assert.Contains("broken", failed.Message);
            failed = await Assert.ThrowsAnyAsync<Exception>(() => bench.Range(3).Pipe("no-such-command").CollectAsync());
            Assert.Contains("no-such-command", failed.Message);
            failed = await Assert.ThrowsAnyAsync<Exception>(() => bench.Range(3).Map(x => 1 / (x - 1)).Pipe("cat").CollectAsync());
            Assert.Contains(nameof(DivideByZeroException), failed.Message);
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Whole_files(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            using var folder = new TemporaryFolder();
            for (var i = 0; i < 5; i++)
            {
                File.WriteAllText(Path.Join(folder.Path, $"{i}.txt"), new string('ä', i));
            }

            using (var zipped = new GZipStream(File.Create(Path.Join(folder.Path, "5.gz")), CompressionLevel.Fastest))
            {
                zipped.Write(Encoding.UTF8.GetBytes("zip\nped"));
            }

            var texts = Source.WholeTextFiles(bench.Runner, folder.Path, bench.Partitions);
            Assert.Equal(Math.Min(bench.Partitions, 6), texts.NumPartitions);
            var read = await texts.CollectAsync();
            Assert.Equal(["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "5.gz"], read.Select(f => Path.GetFileName(f.Path)));
            Assert.Equal(["", "ä", "ää", "äää", "ääää", "zip\nped"], read.Select(f => f.Content));
            var bytes = await Source.BinaryFiles(bench.Runner, Path.Join(folder.Path, "*.txt"), null).CollectAsync();
            Assert.Equal([0, 2, 4, 6, 8], bytes.Select(f => f.Content.Length));
            var missing = Source.WholeTextFiles(bench.Runner, Path.Join(folder.Path, "none"), null);
            await Assert.ThrowsAsync<FileNotFoundException>(() => missing.CountAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Records(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            using var folder = new TemporaryFolder();
            var path = Path.Join(folder.Path, "records");
            File.WriteAllBytes(path, [.. Enumerable.Range(0, 210).Select(i => (byte)i)]);
            var records = Source.BinaryRecords(bench.Runner, path, 3);
            Assert.Equal(2, records.NumPartitions);
            Assert.Equal(Enumerable.Range(0, 70).Select(i => 3 * i), (await records.CollectAsync()).Select(r => (int)r[0]));
            await Assert.ThrowsAsync<InvalidDataException>(() => Source.BinaryRecords(bench.Runner, path, 4).CountAsync());
        });
}
