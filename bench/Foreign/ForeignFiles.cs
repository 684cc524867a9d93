using System.Reflection;
using System.Text.Json;
using DuckDB.NET.Data;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Elements;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Bench.Foreign;

/// <summary>
/// Reads each Parquet file below a folder, every column alone and all together, and compares what comes with what DuckDB reads. What is
/// refused is listed; a difference, or an error of another kind than the format promises, ends with exit code 1.
/// </summary>
internal sealed class ForeignFiles : IDisposable
{
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 200 };
    private readonly DuckDBConnection _duck = new("DataSource=:memory:");
    private readonly List<string> _refused = [];
    private readonly List<string> _different = [];
    private int _files;
    private int _columns;
    private int _same;
    private int _beyondDuck;

    private ForeignFiles()
    {
        _duck.Open();
        using var command = _duck.CreateCommand();
        command.CommandText = "SET timezone = 'UTC'; SET enable_geoparquet_conversion = false";
        command.ExecuteNonQuery();
    }

    public static int Run(string folder)
    {
        using var run = new ForeignFiles();
        foreach (var path in Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            run.Compare(path, Path.GetRelativePath(folder, path));
        }

        run._refused.ForEach(Console.WriteLine);
        run._different.ForEach(Console.WriteLine);
        Console.WriteLine(
            $"{run._files} files, {run._columns} columns: {run._same} as DuckDB reads them, {run._beyondDuck} that DuckDB does not give, "
            + $"{run._refused.Count} refused, {run._different.Count} different");
        return run._different.Count == 0 && run._files > 0 ? 0 : 1;
    }

    public void Dispose() => _duck.Dispose();

    private void Compare(string path, string name)
    {
        _files++;
        List<ParquetNode> columns;
        ParquetSplit[] splits;
        try
        {
            var file = LocalFileSystem.Instance.Stat(Path.GetFullPath(path))!.Value;
            using var input = new ParquetInput(file, LocalFileSystem.Instance);
            columns = [.. ParquetFooter.Read(input).Root.Children];
            splits = ParquetSplit.Plan([file]);
        }
        catch (Exception e)
        {
            Note(name, e, Duck(path, new ParquetLeafNode("", ParquetPath.Root, false, 0, 0, default, 0, default), 0) is null);
            return;
        }

        var readable = new List<(ParquetNode Node, string[]? Expected)>();
        for (var i = 0; i < columns.Count; i++)
        {
            _columns++;
            var expected = Duck(path, columns[i], i);
            if (Check(name, [(columns[i], expected)], splits))
            {
                readable.Add((columns[i], expected));
            }
        }

        if (readable.Count > 1)
        {
            Check($"{name} (all columns)", readable, splits, isAgain: true);
        }
    }

    private bool Check(string name, List<(ParquetNode Node, string[]? Expected)> columns, ParquetSplit[] splits, bool isAgain = false)
    {
        try
        {
            var type = new RowTypes().Row(columns.Select(static column => column.Node));
            var rows = (List<object>)typeof(ForeignFiles).GetMethod(nameof(Rows), BindingFlags.Static | BindingFlags.NonPublic)!
                .MakeGenericMethod(type).CreateDelegate<Func<ParquetSplit[], List<object>>>()(splits);
            for (var i = 0; i < columns.Count; i++)
            {
                var (node, expected) = columns[i];
                var field = type.GetField(RowTypes.Field(i))!;
                var found = rows.ConvertAll(row => ValueText.Of(node, field.GetValue(row)));
                if (expected is not { } values)
                {
                    _beyondDuck += isAgain ? 0 : 1;
                }
                else if (found.SequenceEqual(values))
                {
                    _same += isAgain ? 0 : 1;
                }
                else
                {
                    var at = found.Zip(values).TakeWhile(static pair => pair.First == pair.Second).Count();
                    _different.Add($"DIFFERENT {name}, column '{node.Path}': {found.Count} and {values.Length} rows, the first is row {at}: "
                        + $"{found.ElementAtOrDefault(at)} is {values.ElementAtOrDefault(at)} in DuckDB");
                    return false;
                }
            }

            return true;
        }
        catch (Exception e)
        {
            Note($"{name}, column '{columns[0].Node.Path}'", e, columns[0].Expected is null);
            return false;
        }
    }

    private void Note(string name, Exception e, bool isRefusedByDuck)
    {
        // A class without members, from a group without columns, is refused before any file is looked at.
        if (e is InvalidDataException or ArgumentException)
        {
            _refused.Add($"refused{(isRefusedByDuck ? ", as by DuckDB" : "")}: {name}: {FirstLine(e)}");
        }
        else
        {
            _different.Add($"ERROR {name}: {e}");
        }
    }

    private static List<object> Rows<T>(ParquetSplit[] splits)
    {
        var rows = new List<object>();
        foreach (var split in splits)
        {
            using var reader = new ParquetRows<T>(split, CancellationToken.None, 1L << 30);
            while (reader.Next(int.MaxValue, out var run))
            {
                foreach (var row in run)
                {
                    rows.Add(row!);
                }
            }
        }

        return rows;
    }

    /// <summary>A column as DuckDB has it, as text; null if it does not read it.</summary>
    private string[]? Duck(string path, ParquetNode node, int place)
    {
        try
        {
            var value = node is ParquetLeafNode ? $"CAST(#{place + 1} AS VARCHAR)" : $"CAST(to_json(#{place + 1}) AS VARCHAR)";
            using var command = _duck.CreateCommand();
            command.CommandText = $"SELECT {value} FROM read_parquet('{path.Replace("'", "''")}', hive_partitioning = false)";
            using var reader = command.ExecuteReader();
            var values = new List<string>();
            while (reader.Read())
            {
                values.Add(reader.IsDBNull(0) ? "null"
                    : node is ParquetLeafNode leaf ? ValueText.OfText(leaf, reader.GetString(0))
                    : ValueText.OfJson(node, JsonDocument.Parse(reader.GetString(0), s_deep).RootElement));
            }

            return [.. values];
        }
        catch (Exception e) when (e is DuckDBException or OutOfMemoryException or FormatException or JsonException or InvalidOperationException)
        {
            Console.Error.WriteLine($"{Path.GetFileName(path)}, column '{node.Path}': not from DuckDB: {FirstLine(e)}");
            return null;
        }
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0];
}
