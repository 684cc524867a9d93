using System.Data.Common;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MicroSpark.Grains.Membership;

/// <summary>The connection string for use, and the part of it that may be shown. Never the whole: it can hold a password.</summary>
internal static class MembershipConnection
{
    public const string Setting = "Membership:ConnectionString";

    /// <summary>With a short connect timeout unless one is given, so that an unreachable server is reported soon.</summary>
    /// <exception cref="InvalidSettingException">It is no connection string of the provider.</exception>
    public static string Effective(MembershipOptions options)
    {
        try
        {
            switch (MembershipProvider.InvariantOf(options))
            {
                case MembershipProvider.PostgreSql:
                    var given = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
                    var postgres = new NpgsqlConnectionStringBuilder(options.ConnectionString);
                    if (!given.ContainsKey("Timeout"))
                    {
                        postgres.Timeout = 4;
                    }

                    return postgres.ConnectionString;
                case MembershipProvider.Sqlite:
                    return new SqliteConnectionStringBuilder(options.ConnectionString).ConnectionString;
                default:
                    return options.ConnectionString;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException && e is not InvalidSettingException)
        {
            // What the driver says quotes the words that it does not know, and a password with a semicolon in it is in two words. So its
            // error goes no further.
            throw new InvalidSettingException(
                Setting, SecretText.Hidden, $"a connection string of {options.Provider}: KEY=VALUE;KEY=VALUE with the keys that it "
                + "knows, and a value in quotes where it has a semicolon or quotes in it");
        }
    }

    /// <summary>What it connects to, for errors.</summary>
    public static string Describe(MembershipOptions options)
    {
        switch (MembershipProvider.InvariantOf(options))
        {
            case MembershipProvider.PostgreSql:
                var postgres = new NpgsqlConnectionStringBuilder(options.ConnectionString);
                return $"the PostgreSQL database \"{postgres.Database ?? postgres.Username}\" at {postgres.Host}:{postgres.Port}";
            case MembershipProvider.Sqlite:
                return $"the SQLite file \"{Path.GetFullPath(SqliteFile(options))}\"";
            default:
                var any = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
                var known = any.TryGetValue("Server", out var server) || any.TryGetValue("Data Source", out server);
                return $"the {options.Provider} database at {(known ? server : "its server")}";
        }
    }

    /// <summary>
    /// Makes the database's file, empty, for its owner alone: who can write it decides which silos are of the cluster. SQLite gives the
    /// files beside it the same rights. One that is there stays as it is, also when others make it at this moment.
    /// </summary>
    public static void MakeSqliteFile(MembershipOptions options)
    {
        var builder = new SqliteConnectionStringBuilder(options.ConnectionString);
        var path = builder.DataSource;
        var isFile = builder.Mode == SqliteOpenMode.ReadWriteCreate && path.Length > 0 && path[0] != ':'
            && !path.StartsWith("file:", StringComparison.OrdinalIgnoreCase);
        if (!isFile || OperatingSystem.IsWindows() || File.Exists(path))
        {
            return;
        }

        try
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was first; or it cannot be made, which the opening says better.
        }
    }

    public static string SqliteFile(MembershipOptions options) => new SqliteConnectionStringBuilder(options.ConnectionString).DataSource;
}
