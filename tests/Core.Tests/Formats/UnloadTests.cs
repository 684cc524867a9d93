using System.Data;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;
using CsvHelper;
using MicroSpark.Files;
using MicroSpark.Formats;
using MicroSpark.Formats.Csv;
using MicroSpark.Formats.Json;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Elements;
using MicroSpark.Formats.Parquet.Writing;
using MicroSpark.Formats.Tables;
using MicroSpark.Tests.Closures;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Formats;

/// <summary>Element types come from shipped assemblies, which are unloaded when their jobs are done: no library's cache may keep them.</summary>
public sealed class UnloadTests
{
    private const string Source = """
        public enum Mood { Calm, Wild }
        public sealed record Row(string Name, int Age, double? Height, Mood Mood);
        public static class Maker { public static object Make() => new Row("a", 1, 2.5, Mood.Wild); }
        """;

    [Theory]
    [InlineData(nameof(Csv))]
    [InlineData(nameof(Json))]
    [InlineData(nameof(Parquet))]
    [InlineData(nameof(Table))]
    public void A_format_does_not_keep_the_element_type(string format)
    {
        var context = UseOnce(format);
        if (format == nameof(Json))
        {
            // System.Text.Json keeps the accessors that it emitted until it meets a new type a second later. Nobody waits for that here.
            Type.GetType("System.Text.Json.JsonSerializerOptionsUpdateHandler, System.Text.Json", throwOnError: true)!
                .GetMethod("ClearCache", BindingFlags.Static | BindingFlags.Public)!.Invoke(null, [null]);
        }

        for (var i = 0; i < 30 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce(string format)
    {
        var shop = new Workshop();
        var element = shop.Add("Rows", Source).GetType("Maker")!.GetMethod("Make")!.Invoke(null, null)!;
        using var folder = new TemporaryFolder();
        typeof(UnloadTests).GetMethod(format, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(element.GetType())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [element, folder.At("file")], null);
        shop.Unload();
        return new WeakReference(AssemblyLoadContext.GetLoadContext(element.GetType().Assembly));
    }

    private static void Csv<T>(T element, string path)
    {
        using (var writer = CsvWriter.Create(File.Create(path), new CsvOptions().ToWriter()))
        {
            writer.WriteHeader(CsvUnbinder<T>.Unbinding.Header);
            CsvUnbinder<T>.Unbinding.Write(writer, element);
            writer.EndRecord();
        }

        using var reader = new CsvRowReader<T>(Split(path), new CsvOptions(), default);
        AssertOnly(element, reader);
    }

    private static void Json<T>(T element, string path)
    {
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(element, JsonBinding<T>.Info));
        using var reader = new JsonRowReader<T>(Split(path), new JsonFileOptions(), default, long.MaxValue);
        AssertOnly(element, reader);
    }

    private static void Parquet<T>(T element, string path)
    {
        using (var file = File.Create(path))
        {
            using var writer = new ParquetPartWriter<T>(file, 0, default);
            writer.Write([element]);
            writer.Complete();
        }

        using var reader = new ParquetRows<T>(ParquetSplit.Plan([LocalFileSystem.Instance.Stat(path)!.Value])[0], default, long.MaxValue);
        Assert.True(reader.Next(10, out var rows));
        Assert.True(rows.Length == 1 && Equals(element, rows[0])); // Assert.Equal would keep the array's type
    }

    private static void Table<T>(T element, string path)
    {
        _ = path;
        var table = new DataTable { Columns = { { "Name", typeof(string) }, { "Age", typeof(int) }, { "Height", typeof(double) }, { "Mood", typeof(string) } }, Rows = { { "a", 1, 2.5, "Wild" } } };
        using var reader = table.CreateDataReader();
        Assert.True(reader.Read());
        var (make, members, _) = TableBinder<T>.Binding;
        Assert.Equal(element, make(new TableRow(reader, members, [0, 1, 2, 3])));
    }

    private static void AssertOnly<T>(T element, RowReader<T> reader)
    {
        Assert.True(reader.Read());
        Assert.Null(reader.Problem);
        Assert.Equal(element, reader.Current);
        Assert.False(reader.Read());
    }

    private static TextSplit Split(string path)
    {
        var file = LocalFileSystem.Instance.Stat(path)!.Value;
        return new TextSplit(path, 0, file.Length, file.Length, file.ModifiedTicks);
    }
}
