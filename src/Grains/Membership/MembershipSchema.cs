using System.Data.Common;
using MicroSpark.Errors;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MicroSpark.Grains.Membership;

/// <summary>
/// Makes the tables and queries of Orleans' AdoNet clustering where they are missing. Orleans makes none itself. Any number of
/// processes may do this at the same moment: each holds the database's own lock from looking to committing.
/// </summary>
internal static class MembershipSchema
{
    /// <summary>How long a server that does not answer yet is tried, for the case that it starts together with this process.</summary>
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(250)) { Limit = TimeSpan.FromSeconds(5) };

    /// <param name="create">False for clients: they connect to what workers have made.</param>
    /// <exception cref="ClusterUnavailableException">The database cannot be reached or used.</exception>
    public static async Task EnsureAsync(MembershipOptions options, bool create, TimeProvider time, CancellationToken cancellationToken)
    {
        MembershipProvider.RequireKnown(options);
        var text = MembershipConnection.Effective(options);
        try
        {
            await s_patience.RunAsync(
                () => EnsureOnceAsync(options, text, create, cancellationToken), e => create && e is DbException { IsTransient: true },
                time, cancellationToken);
        }
        catch (DbException e)
        {
            throw MembershipErrors.Explain(options, e);
        }
    }

    private static async Task EnsureOnceAsync(MembershipOptions options, string text, bool create, CancellationToken cancellationToken)
    {
        switch (MembershipProvider.InvariantOf(options))
        {
            case MembershipProvider.Sqlite:
                await EnsureSqliteAsync(options, text, create, cancellationToken);
                break;
            case MembershipProvider.PostgreSql:
                await EnsurePostgresAsync(options, text, create, cancellationToken);
                break;
            default:
                // Its script comes with that database's own version of Orleans' AdoNet clustering.
                break;
        }
    }

    private static async Task EnsureSqliteAsync(MembershipOptions options, string text, bool create, CancellationToken cancellationToken)
    {
        if (!create && !File.Exists(MembershipConnection.SqliteFile(options)))
        {
            // Opening would make an empty file, and the typing error in its path would look like a cluster without workers.
            throw new ClusterUnavailableException(
                $"MicroSpark:{MembershipConnection.Setting} names {MembershipConnection.Describe(options)}, which does not exist. Start "
                + $"a worker with this setting first, or correct it.");
        }

        if (create)
        {
            MembershipConnection.MakeSqliteFile(options);
        }

        // Of no pool: an attempt that failed leaves nothing to the next one, such as a transaction that is open.
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(text) { Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        var script = MembershipScript.Load("Sqlite");
        if (await IsCompleteAsync(connection, script, cancellationToken))
        {
            return;
        }

        RequireCreate(options, create);

        // Readers and the one writer then do not block each other. The mode stays with the file.
        await ExecuteAsync(connection, null, "PRAGMA journal_mode = WAL;", cancellationToken);

        // Not deferred: the write lock is taken here, before anything is read, so no two processes find the same thing missing.
        await using var transaction = connection.BeginTransaction(deferred: false);
        await RunAsync(connection, transaction, script, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task EnsurePostgresAsync(MembershipOptions options, string text, bool create, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(text);
        await connection.OpenAsync(cancellationToken);
        var script = MembershipScript.Load("PostgreSql");
        if (await IsCompleteAsync(connection, script, cancellationToken))
        {
            return;
        }

        RequireCreate(options, create);

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // CREATE TABLE IF NOT EXISTS of two sessions at once can still collide in the catalogue.
        await ExecuteAsync(
            connection, transaction, "SELECT pg_advisory_xact_lock(hashtext('MicroSpark membership schema'));", cancellationToken);
        await RunAsync(connection, transaction, script, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static void RequireCreate(MembershipOptions options, bool create)
    {
        if (!create)
        {
            throw new ClusterUnavailableException(
                $"No worker has used {MembershipConnection.Describe(options)} yet (MicroSpark:{MembershipConnection.Setting}). Start a "
                + $"worker with this setting first, or correct it.");
        }
    }

    private static async Task<bool> IsCompleteAsync(DbConnection connection, MembershipScript script, CancellationToken cancellationToken)
    {
        try
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT QueryKey FROM OrleansQuery";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetString(0));
            }

            return found.IsSupersetOf(script.Queries.Keys);
        }
        catch (Exception e) when (
            e is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } or SqliteException { SqliteErrorCode: 1 })
        {
            return false;
        }
    }

    private static async Task RunAsync(
        DbConnection connection, DbTransaction transaction, MembershipScript script, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, transaction, script.Tables, cancellationToken);
        foreach (var (key, text) in script.Queries)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text) ON CONFLICT DO NOTHING";
            Add(command, "key", key);
            Add(command, "text", text);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task ExecuteAsync(
        DbConnection connection, DbTransaction? transaction, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(DbCommand command, string name, string value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
