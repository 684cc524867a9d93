using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Workers;

namespace MicroSpark.Tests.Programs;

/// <summary>
/// Two worker processes that found each other through SQLite, for all tests that only use a cluster. One is in another time zone and
/// culture, as a worker elsewhere may be: no answer depends on it.
/// </summary>
public sealed class TwoWorkers : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private SiloProcess[] _silos = [];

    /// <summary>What the environment of a client says.</summary>
    internal Dictionary<string, string> Settings => _database.Environment;

    internal Task<MicroSparkContext> ConnectAsync() => MicroSparkContext.ConnectAsync(options =>
    {
        options.Membership = _database.Options().Membership;
        options.SecretFile = _database.SecretFile;
    });

    public async Task InitializeAsync()
    {
        string[] settings = [.. _database.Settings, "--MicroSpark:Slots=2"];
        _silos = await Task.WhenAll(
            SiloProcess.StartAsync(settings),
            SiloProcess.StartAsync(settings, new Dictionary<string, string> { ["TZ"] = "Asia/Kathmandu", ["LC_ALL"] = "de_DE.UTF-8", ["LANG"] = "de_DE.UTF-8" }));
    }

    public async Task DisposeAsync()
    {
        await ClusterAsserts.StopAllAsync(_silos);
        _database.Dispose();
    }
}

/// <summary>Tests on the two workers. They run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class TwoWorkersCollection : ICollectionFixture<TwoWorkers>
{
    public const string Name = "two workers";
}
