using Microsoft.Data.Sqlite;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A membership database in a temporary folder of its own, removed with it.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    public string File => Path.Combine(_folder.FullName, "cluster.db");

    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = File }.ConnectionString;

    /// <summary>A secret for the cluster, in a file that is made on first use.</summary>
    public string SecretFile => Path.Combine(_folder.FullName, "secret");

    /// <summary>The settings of a worker that joins here.</summary>
    public IReadOnlyList<string> Settings =>
    [
        "--MicroSpark:Membership:Provider=Sqlite", $"--MicroSpark:Membership:ConnectionString={ConnectionString}", $"--MicroSpark:SecretFile={SecretFile}",
    ];

    /// <summary>What the environment of a client says.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["MICROSPARK__MEMBERSHIP__PROVIDER"] = "Sqlite",
        ["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"] = ConnectionString,
        ["MICROSPARK__SECRETFILE"] = SecretFile,
    };

    public MicroSparkOptions Options() => new()
    {
        Membership = { Provider = "Sqlite", ConnectionString = ConnectionString },
        SecretFile = SecretFile,
    };

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
