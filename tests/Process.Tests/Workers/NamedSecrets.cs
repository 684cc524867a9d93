using MicroSpark.Grains.Security;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

/// <summary>Secrets of people beside the cluster's own, and the settings by which workers know them.</summary>
internal sealed class NamedSecrets
{
    private readonly SqliteDatabase _database;
    private readonly Dictionary<string, string> _files = [];
    private readonly List<string> _settings = [];

    public NamedSecrets(SqliteDatabase database, params (string Name, string Role, bool Upload)[] people)
    {
        _database = database;
        foreach (var (name, role, upload) in people)
        {
            var file = Path.Combine(Path.GetDirectoryName(database.SecretFile)!, name);
            File.WriteAllText(file, SecretText.New());
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            var setting = $"--MicroSpark:Secrets:{_files.Count}";
            _settings.AddRange(
                [$"{setting}:Name={name}", $"{setting}:Role={role}", $"{setting}:File={file}", $"{setting}:Upload={upload}"]);
            _files.Add(name, file);
        }
    }

    /// <summary>Of a worker.</summary>
    public IEnumerable<string> Settings => [.. _database.Settings, .. _settings];

    /// <param name="name">Null for the cluster's own secret.</param>
    public string FileOf(string? name) => name is null ? _database.SecretFile : _files[name];

    /// <summary>What the environment of somebody's console says.</summary>
    public Dictionary<string, string> EnvironmentOf(string? name) =>
        new(_database.Environment) { ["MICROSPARK__SECRETFILE"] = FileOf(name) };

    public MicroSparkOptions OptionsOf(string? name)
    {
        var options = _database.Options();
        options.SecretFile = FileOf(name);
        return options;
    }

    public Task<MicroSparkContext> ConnectAsync(string? name) => MicroSparkContext.ConnectAsync(options =>
    {
        (options.Membership.Provider, options.Membership.ConnectionString) = ("Sqlite", _database.ConnectionString);
        options.SecretFile = FileOf(name);
    });
}
