using System.Net;
using MicroSpark.Grains.DataPlane;
using Npgsql;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>
/// A PostgreSQL server of this test run: made in a temporary folder, on a free loopback port, under a password, gone at the end. It
/// refuses to run as root, so root runs it as an unprivileged user.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "microspark";
    private const string Password = "only for tests";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-postgres-");
    private ChildProcess? _server;
    private int _port;
    private int _databases;

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"cluster{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Makes the server's folder and starts it.</summary>
    public async Task StartAsync()
    {
        var data = Path.Combine(_folder.FullName, "data");
        var password = Path.Combine(_folder.FullName, "password");
        await File.WriteAllTextAsync(password, Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", UnprivilegedUser, _folder.FullName);
        }

        await RunAsUserAsync("initdb", "-D", data, "-U", User, "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-sync");

        _port = FreePorts.Find(IPAddress.Loopback, 1)[0];
        await ResumeAsync();
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>, on the same port and with what was in it.</summary>
    public async Task ResumeAsync()
    {
        // Nothing here outlives the test, so nothing needs to reach the disk.
        var (file, arguments) = AsUser(
            "postgres", "-D", Path.Combine(_folder.FullName, "data"), "-p", $"{_port}", "-k", _folder.FullName, "-c", "listen_addresses=127.0.0.1",
            "-c", "fsync=off", "-c", "full_page_writes=off");
        _server = ChildProcess.Start(file, arguments);
        await _server.WaitForLineAsync(static line => line.Contains("database system is ready to accept connections", StringComparison.Ordinal));
    }

    /// <summary>Ends it and keeps its folder. Whoever is connected is cut off.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            NpgsqlConnection.ClearAllPools();

            // The "fast" shutdown: it does not wait for sessions.
            server.Interrupt();
            await server.WaitForExitAsync();
            await server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    private const string UnprivilegedUser = "nobody";

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = _port, Database = database, Username = User, Password = Password }.ConnectionString;

    private static Task RunAsUserAsync(params string[] command)
    {
        var (file, arguments) = AsUser(command);
        return RunAsync(file, arguments);
    }

    private static (string File, string[] Arguments) AsUser(params string[] command)
    {
        var file = Path.Combine(Programs, command[0]);
        return Environment.IsPrivilegedProcess
            ? ("setpriv", [$"--reuid={UnprivilegedUser}", "--regid=nogroup", "--clear-groups", "--", file, .. command[1..]])
            : (file, command[1..]);
    }

    /// <summary>Debian keeps the server's programs out of PATH, one folder for each version.</summary>
    private static string Programs
    {
        get
        {
            const string Root = "/usr/lib/postgresql";
            var debian = Directory.Exists(Root)
                ? Directory.GetDirectories(Root).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var version) ? version : 0).Select(d => Path.Combine(d, "bin"))
                : [];
            var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            return debian.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
                ?? throw new InvalidOperationException("PostgreSQL's server programs (initdb) are missing. Run eng/test.sh, or install the package postgresql.");
        }
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        await using var process = ChildProcess.Start(file, arguments);
        var code = await process.WaitForExitAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {code}: {process.Output}{process.Errors}");
        }
    }
}
