using MicroSpark.Tests.Model;
using static MicroSpark.Tests.Model.ElementOperations;
using static MicroSpark.Tests.Model.Operation;

namespace MicroSpark.Tests.Model;

/// <summary>Sources, and what was saved read again.</summary>
internal static class SourceOperations
{
    public static IEnumerable<Operation> Table =>
    [
        Layout("Context.Parallelize(items, partitions)", r => r.Spark.Parallelize(All(r.Input.Words), r.Input.Count), m => Sliced([.. All(m.Words)], m.Count)),
        Layout("Context.Range(end)", r => r.Spark.Range(r.Input.Count - 3), m => Sliced([.. Steps(0, m.Count - 3, 1)], 3)),
        Layout("Context.Range(start, end, step, partitions)", r => r.Spark.Range(r.Input.Count, -20, -3, r.Input.Count), m => Sliced([.. Steps(m.Count, -20, -3)], m.Count)),
        Layout("Context.Range(start, end, step, partitions): to the ends of long", r => r.Spark.Range(long.MaxValue - r.Input.Count, long.MaxValue, 2, 2), m => Sliced([.. Enumerable.Range(0, (m.Count + 1) / 2).Select(i => long.MaxValue - m.Count + (2 * i))], 2)),
        Layout("Context.Empty()", r => r.Spark.Empty<string>(), _ => Array.Empty<string[]>()),
        Layout("Context.Union(rdds)", r => r.Spark.Union(r.Words, r.Spark.Empty<string?>(), r.Others), m => m.Words.Concat(m.Others)),
        Saved("SaveAsTextFileAsync(path, compression, cancellationToken)", Lines, (rdd, path) => rdd.SaveAsTextFileAsync(path), (r, path) => r.Spark.TextFile(path)),
        Saved("Context.TextFile(path, minPartitions)", Lines, (rdd, path) => rdd.SaveAsTextFileAsync(path, Compression.Gzip), (r, path) => r.Spark.TextFile(path, r.Input.Count)),
        Saved(
            "Context.WholeTextFiles(path, minPartitions)", Lines, (rdd, path) => rdd.SaveAsTextFileAsync(path),
            (r, path) => r.Spark.WholeTextFiles(path).SortBy(file => file.Path).FlatMap(file => file.Content.Split('\n').SkipLast(1))),
        Saved(
            "Context.BinaryFiles(path, minPartitions)", Lines, (rdd, path) => rdd.SaveAsTextFileAsync(path),
            (r, path) => r.Spark.BinaryFiles(path).SortBy(file => file.Path).FlatMap(file => System.Text.Encoding.UTF8.GetString(file.Content).Split('\n').SkipLast(1))),
        Saved(
            "Context.BinaryRecords(path, recordLength)", r => r.Numbers.Map(n => $"{n + 1000:D4}"), (rdd, path) => rdd.SaveAsTextFileAsync(path),
            (r, path) => r.Spark.BinaryRecords(path, 5).Map(record => System.Text.Encoding.UTF8.GetString(record, 0, 4))),
        Saved("SaveAsObjectFileAsync(path, cancellationToken)", r => r.Pairs, (rdd, path) => rdd.SaveAsObjectFileAsync(path), (r, path) => r.Spark.ObjectFile<(string? Key, int Value)>(path)),
        Saved("Context.ObjectFile(path)", r => r.Words.Map(w => (w, new List<string?> { w })), (rdd, path) => rdd.SaveAsObjectFileAsync(path), (r, path) => r.Spark.ObjectFile<(string?, List<string?>)>(path)),
        Saved(
            "Context.ObjectFile(path, knownTypes)", r => r.Prices.Map(object (p) => new Price(p.Key, p.Value)), (rdd, path) => rdd.SaveAsObjectFileAsync(path),
            (r, path) => r.Spark.ObjectFile<object>(path, [typeof(Price)])),
        Saved("SaveAsCsvFileAsync(path, options, cancellationToken)", r => r.Prices.Map(p => new Price(p.Key, p.Value / 4m)), (rdd, path) => rdd.SaveAsCsvFileAsync(path), (r, path) => r.Spark.CsvFile<Price>(path)),
        Saved(
            "Context.CsvFile(path, options)", r => r.Pairs.Map(p => (Key: p.Key ?? "none", p.Value)), (rdd, path) => rdd.SaveAsCsvFileAsync(path, new CsvOptions { Delimiter = ';', Compression = Compression.Zstd }),
            (r, path) => r.Spark.CsvFile<(string Key, int Value)>(path, new CsvOptions { Delimiter = ';', MinPartitions = r.Input.Count })),
        Saved("SaveAsJsonFileAsync(path, cancellationToken)", r => r.Words.Map(w => new Row(w, [w, "x"])), (rdd, path) => rdd.SaveAsJsonFileAsync(path), (r, path) => r.Spark.JsonFile<Row>(path)),
        Saved(
            "SaveAsJsonFileAsync(path, options, cancellationToken)", r => r.Words.Map(w => new Row(w, [])),
            (rdd, path) => rdd.SaveAsJsonFileAsync(path, new JsonFileOptions { Compression = Compression.Gzip }), (r, path) => r.Spark.JsonFile<Row>(path)),
        Saved("Context.JsonFile(path, options)", Lines, (rdd, path) => rdd.SaveAsJsonFileAsync(path), (r, path) => r.Spark.JsonFile<string>(path, new JsonFileOptions { MinPartitions = r.Input.Count })),
        Saved("SaveAsParquetFileAsync(path, cancellationToken)", r => r.Pairs, (rdd, path) => rdd.SaveAsParquetFileAsync(path), (r, path) => r.Spark.ParquetFile<(string? Key, int Value)>(path)),
        Saved("Context.ParquetFile(path)", r => r.Prices.Map(p => new Price(p.Key, p.Value / 4m)), (rdd, path) => rdd.SaveAsParquetFileAsync(path), (r, path) => r.Spark.ParquetFile<Price>(path)),
    ];

    internal sealed record Row(string? Name, string?[] Parts)
    {
        public override string ToString() => Outcome.Of((Name, Parts));
    }

    internal sealed record Price(string? Key, decimal Amount);

    /// <summary>Lines, and JSON values of a line, are not null.</summary>
    private static Rdd<string> Lines(Rdds r) => r.Words.Map(w => w ?? "none");

    /// <summary>Saves, and reads the same elements in the same order. The model is what is there without files.</summary>
    private static Operation Saved<T>(string name, Func<Rdds, Rdd<T>> elements, Func<Rdd<T>, string, Task> save, Func<Rdds, string, Rdd<T>> read) => new(
        name,
        async rdds =>
        {
            var rdd = elements(rdds);
            var path = rdds.NewPath();
            await save(rdd, path);
            Assert.True(File.Exists(Path.Join(path, "_SUCCESS")));
            Assert.Equal(rdd.NumPartitions, Directory.GetFiles(path, "part-*").Length);
            Assert.Equal(Outcome.Of(await rdd.CollectAsync()), Outcome.Of(await read(rdds, path).CollectAsync()));
            return "read again";
        },
        _ => Task.FromResult("read again"));

    private static IEnumerable<T[]> Sliced<T>(T[] items, int partitions) =>
        Enumerable.Range(0, partitions).Select(i => items[(int)((long)i * items.Length / partitions)..(int)((i + 1L) * items.Length / partitions)]);

    private static IEnumerable<long> Steps(long start, long end, long step)
    {
        for (var n = start; step > 0 ? n < end : n > end; n += step)
        {
            yield return n;
        }
    }
}
