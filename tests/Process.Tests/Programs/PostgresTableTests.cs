using MicroSpark.Tests.Infrastructure;
using Npgsql;

namespace MicroSpark.Tests.Programs;

/// <summary>A PostgreSQL table is read in ranges of its key, by workers that each connect themselves.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresTableTests(PostgresFixture server)
{
    public enum Level { Low, High }

    public sealed record Reading(long Id, string? Place, double Value, decimal Exact, DateTime At, Guid Key, bool Good, Level Level, int[] Parts)
    {
        public bool Equals(Reading? other) =>
            other is not null && (Id, Place, Value, Exact, At, Key, Good, Level) == (other.Id, other.Place, other.Value, other.Exact, other.At, other.Key, other.Good, other.Level)
            && Parts.SequenceEqual(other.Parts);

        public override int GetHashCode() => Id.GetHashCode();
    }

    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(3, Isolation.Simulated)]
    public async Task All_rows_come_once_with_their_types(int workers, Isolation isolation)
    {
        var database = await server.CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await using var command = source.CreateCommand(
                "CREATE TABLE readings AS SELECT i AS id, CASE WHEN i % 3 = 0 THEN NULL ELSE 'place ' || i END AS place, i / 4.0::float8 AS value, i / 10.0 AS exact, "
                + "timestamp '2024-01-01' + i * interval '1 hour' AS at, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid AS key, i % 2 = 0 AS good, "
                + "CASE WHEN i % 2 = 0 THEN 'low' ELSE 'High' END AS level, ARRAY[i, -i] AS parts FROM generate_series(0, 999) AS i");
            await command.ExecuteNonQueryAsync();
        }

        var expected = Enumerable.Range(0, 1000).Select(i => new Reading(
            i, i % 3 == 0 ? null : $"place {i}", i / 4.0, i / 10m, new DateTime(2024, 1, 1).AddHours(i), new Guid($"00000000-0000-0000-0000-{i:D12}"), i % 2 == 0,
            (Level)(i % 2), [i, -i])).ToArray();
        await using var spark = await MicroSparkContext.StartLocalAsync(workers, o => o.Isolation = isolation);
        var rows = spark.SqlQuery<Reading>(
            () => new NpgsqlConnection(database), "SELECT * FROM readings WHERE id BETWEEN @lower AND @upper ORDER BY id", 0, 999, 7);
        Assert.Equal(expected, await rows.CollectAsync());
        Assert.Equal(expected.Sum(r => r.Value), await rows.Map(r => r.Value).SumAsync(), 6);

        var refused = spark.SqlQuery<(long, int)>(() => new NpgsqlConnection(database), "SELECT id, place FROM readings WHERE id BETWEEN @lower AND @upper", 1, 1);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => refused.CountAsync());
        Assert.Contains("column 'Item2': expected Int32, found 'place 1' (text)", error.InnerException!.Message, StringComparison.Ordinal);
        var broken = spark.SqlQuery<(long, int)>(() => new NpgsqlConnection(database), "SELECT id, x FROM nowhere WHERE id BETWEEN @lower AND @upper", 1, 1);
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<JobFailedException>(() => broken.CountAsync())).Message + "", StringComparison.Ordinal);
    }
}
