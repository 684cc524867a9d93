using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Sources;

/// <summary>Object files hold what was saved, partition by partition, and say so when they do not.</summary>
public sealed class ObjectFileTests
{
    public sealed record Order(int Id, string? Text, List<double> Lines, DateTime At);

    public sealed record OtherOrder(int Id, string? Text);

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task What_was_saved_is_read_in_its_partitions(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            using var folder = new TemporaryFolder();
            var orders = Enumerable.Range(0, 11)
                .Select(n => n == 3 ? null : new Order(n, n % 2 == 0 ? null : $"order {n}", [n, n / 2.0], new DateTime(2024, 1, 1 + n))).ToArray();
            var saved = bench.Of(orders);
            await saved.SaveAsObjectFileAsync(Path.Join(folder.Path, "orders"));
            var read = Source.ObjectFile<Order?>(bench.Runner, Path.Join(folder.Path, "orders"));
            Assert.Equal(bench.Partitions, read.NumPartitions);
            Assert.Equal(
                (await saved.Glom().CollectAsync()).Select(Texts), (await read.Glom().CollectAsync()).Select(Texts));

            var pairs = bench.Range(100_000).Map(n => (n, n * 0.5));
            await pairs.SaveAsObjectFileAsync(Path.Join(folder.Path, "pairs"));
            Assert.Equal(await pairs.CollectAsync(), await Source.ObjectFile<(long, double)>(bench.Runner, Path.Join(folder.Path, "pairs")).CollectAsync());
            Assert.Equal(3, (await Source.ObjectFile<(long, double)>(bench.Runner, Path.Join(folder.Path, "pairs")).TakeAsync(3)).Length);

            await bench.Of<string>().SaveAsObjectFileAsync(Path.Join(folder.Path, "none"));
            Assert.Equal(0, await Source.ObjectFile<string>(bench.Runner, Path.Join(folder.Path, "none")).CountAsync());
        });

    [Fact]
    public async Task Other_elements_a_cut_file_and_a_changed_byte_are_told()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var path = Path.Join(folder.Path, "orders");
        await Source.Parallelize(runner, Enumerable.Range(0, 1000).Select(n => new Order(n, "t", [], default)), 1).SaveAsObjectFileAsync(path);
        await Assert.ThrowsAsync<IOException>(() => Source.Parallelize(runner, [1], 1).SaveAsObjectFileAsync(path));

        await FailsAsync<OtherOrder>("ObjectFile<Order>");
        await FailsAsync<string>("ObjectFile<Order>");
        var part = Path.Join(path, "part-00000");
        var bytes = await File.ReadAllBytesAsync(part);
        foreach (var length in new[] { bytes.Length - 1, bytes.Length - 16, bytes.Length - 20, 40, 9, 0 })
        {
            await File.WriteAllBytesAsync(part, bytes[..length]);
            await FailsAsync<Order>(part);
        }

        for (var at = 0; at < bytes.Length; at += 97)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x10;
            await File.WriteAllBytesAsync(part, changed);
            await FailsAsync<Order>(part);
        }

        await File.WriteAllBytesAsync(part, bytes);
        Assert.Equal(1000, await Source.ObjectFile<Order>(runner, path).CountAsync());

        async Task FailsAsync<T>(string text)
        {
            var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.ObjectFile<T>(runner, path).CountAsync());
            Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_saved_is_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var streams = Source.Parallelize(runner, [1], 1).Map(_ => Stream.Null);
        await Assert.ThrowsAnyAsync<Exception>(() => streams.SaveAsObjectFileAsync(Path.Join(folder.Path, "streams")));
        Assert.False(Directory.Exists(Path.Join(folder.Path, "streams")));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Source.ObjectFile<int>(runner, Path.Join(folder.Path, "missing")).CountAsync());
    }

    private static IEnumerable<string> Texts(IEnumerable<Order?> orders) =>
        orders.Select(o => o is null ? "null" : $"{o.Id} {o.Text} {string.Join(';', o.Lines)} {o.At:O}");
}
