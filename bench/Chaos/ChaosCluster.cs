using System.Diagnostics;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Bench.Chaos;

/// <summary>Worker processes on a PostgreSQL server, all of them this run's own.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>A cluster that has not come together again by then hangs.</summary>
    private static readonly TimeSpan s_together = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-chaos-");
    private readonly int _size;
    private string _connection = "";

    private ChaosCluster(int size) => _size = size;

    public string Folder => _folder.FullName;

    public string TextFile => Path.Join(Folder, "text.txt");

    public PostgresServer Database { get; } = new();

    /// <summary>Those that live, or have died in the round that is under way. No deadly fault meets the first one.</summary>
    public List<ChaosWorker> Workers { get; } = [];

    /// <summary>How many workers have been started. A new one compiles before it is as fast as others.</summary>
    public int Started { get; private set; }

    /// <summary>What the environment of a client says.</summary>
    public Dictionary<string, string> ClientEnvironment => new()
    {
        ["MICROSPARK__MEMBERSHIP__PROVIDER"] = "PostgreSql",
        ["MICROSPARK__MEMBERSHIP__CONNECTIONSTRING"] = _connection,
        ["MICROSPARK__SECRETFILE"] = SecretFile,
    };

    private string SecretFile => Path.Join(Folder, "secret");

    public static async Task<ChaosCluster> StartAsync(int size)
    {
        var cluster = new ChaosCluster(size);
        try
        {
            File.WriteAllLines(cluster.TextFile, ByKey.Text());
            await cluster.Database.StartAsync();
            cluster._connection = await cluster.Database.CreateDatabaseAsync();
            await cluster.FillAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<MicroSparkContext> ConnectAsync(CancellationToken stop) => ConnectAsync(
        options =>
        {
            options.Membership.Provider = "PostgreSql";
            options.Membership.ConnectionString = _connection;
            options.SecretFile = SecretFile;
        },
        stop);

    /// <summary>
    /// A client that comes while PostgreSQL is down is told so at once, which is no fault: it tries again. Those that are connected go on.
    /// </summary>
    public static async Task<MicroSparkContext> ConnectAsync(Action<MicroSparkOptions> configure, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await MicroSparkContext.ConnectAsync(configure, stop);
            }
            catch (ClusterUnavailableException e) when (IsOfDatabase(e))
            {
                await Task.Delay(s_look, stop);
            }
        }
    }

    /// <summary>Takes away the doomed, starts others in their place, and waits until the cluster lists exactly those that live.</summary>
    /// <returns>Null when all is well, else what is not.</returns>
    public async Task<string?> RepairAsync(MicroSparkContext spark, CancellationToken stop)
    {
        foreach (var worker in Workers.Where(static worker => worker.IsDoomed).ToArray())
        {
            Workers.Remove(worker);
            await worker.DisposeAsync();
        }

        await FillAsync();
        string[] expected = [.. Workers.Select(static worker => worker.Address).Order(StringComparer.Ordinal)];
        string[] listed;
        var started = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(s_look, stop);
            listed = [.. (await spark.WorkersAsync(stop)).Select(static worker => worker.Address).Order(StringComparer.Ordinal)];
            if (listed.SequenceEqual(expected))
            {
                return null;
            }
        }
        while (Stopwatch.GetElapsedTime(started) < s_together);
        return $"after {s_together.TotalSeconds:0} s the cluster lists {string.Join(", ", listed)} where {string.Join(", ", expected)} live";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
        {
            worker.Kill();
            await worker.DisposeAsync();
        }

        Workers.Clear();
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static bool IsOfDatabase(Exception? error) => error is Npgsql.NpgsqlException || (error is not null && IsOfDatabase(error.InnerException));

    private async Task FillAsync()
    {
        string[] settings =
        [
            "--MicroSpark:Membership:Provider=PostgreSql", $"--MicroSpark:Membership:ConnectionString={_connection}", $"--MicroSpark:SecretFile={SecretFile}",
            "--MicroSpark:Slots=1", "--MicroSpark:MemoryBudget=256MB",
        ];
        var starts = Enumerable.Range(0, _size - Workers.Count).Select(_ => ChaosWorker.StartAsync(++Started, Folder, settings)).ToArray();
        try
        {
            await Task.WhenAll(starts);
        }
        finally
        {
            // Those that did start are ended with the others when one did not.
            Workers.AddRange(starts.Where(static start => start.IsCompletedSuccessfully).Select(static start => start.Result));
        }
    }
}
