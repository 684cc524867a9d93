using System.Globalization;
using DuckDB.NET.Data;

namespace MicroSpark.Bench;

/// <summary>DuckDB in this process, its tables in memory, with as many threads as everyone else has.</summary>
internal sealed class DuckDatabase : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckDatabase(Settings settings)
    {
        _connection.Open();
        Execute($"SET threads = {settings.Threads}");

        // Rows of a table are a set: DuckDB need not keep the order of their insertion, as MicroSpark need not between shuffles.
        Execute("SET preserve_insertion_order = false");
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of all rows, as text.</summary>
    public string Query(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
        {
            values.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return string.Join(' ', values);
    }

    /// <summary>A table <c>(k INTEGER, v BIGINT)</c> of the same pairs that MicroSpark has.</summary>
    public void Load(string table, (int Key, long Value)[] pairs)
    {
        Execute($"CREATE TABLE {table} (k INTEGER NOT NULL, v BIGINT NOT NULL)");
        using var rows = _connection.CreateAppender(table);
        foreach ((var key, var value) in pairs)
        {
            rows.CreateRow().AppendValue(key).AppendValue(value).EndRow();
        }
    }

    /// <summary>A table <c>(v BIGINT)</c>.</summary>
    public void Load(string table, long[] values)
    {
        Execute($"CREATE TABLE {table} (v BIGINT NOT NULL)");
        using var rows = _connection.CreateAppender(table);
        foreach (var value in values)
        {
            rows.CreateRow().AppendValue(value).EndRow();
        }
    }

    /// <summary>A table <c>(k VARCHAR, v BIGINT)</c>.</summary>
    public void Load(string table, (string Key, long Value)[] pairs)
    {
        Execute($"CREATE TABLE {table} (k VARCHAR NOT NULL, v BIGINT NOT NULL)");
        Append(table, pairs, static (row, pair) => row.AppendValue(pair.Key).AppendValue(pair.Value));
    }

    /// <summary>A table <c>(k VARCHAR)</c>.</summary>
    public void Load(string table, string[] texts)
    {
        Execute($"CREATE TABLE {table} (k VARCHAR NOT NULL)");
        Append(table, texts, static (row, text) => row.AppendValue(text));
    }

    /// <summary>Appends rows to a table that is there.</summary>
    public void Append<T>(string table, T[] values, Action<IDuckDBAppenderRow, T> append)
    {
        using var rows = _connection.CreateAppender(table);
        foreach (var value in values)
        {
            var row = rows.CreateRow();
            append(row, value);
            row.EndRow();
        }
    }

    public void Dispose() => _connection.Dispose();
}
