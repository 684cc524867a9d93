using System.Diagnostics;
using System.Runtime;

namespace MicroSpark.Bench;

/// <summary>Worker processes that found each other through a SQLite file, as on one host without a server. They end with this object.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-bench-");
    private readonly List<Process> _silos = [];

    /// <summary>Those that have been started.</summary>
    public IReadOnlyList<Process> Processes => _silos;

    private string ConnectionString => $"Data Source={Path.Join(_folder.FullName, "cluster.db")}";

    private string SecretFile => Path.Join(_folder.FullName, "secret");

    /// <summary>Starts <paramref name="count"/> of them and waits until each says that it is ready.</summary>
    public static async Task<SiloProcesses> StartAsync(int count, int slots)
    {
        var processes = new SiloProcesses();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(_ => processes.StartOneAsync(slots)).ToArray());
            return processes;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more worker, when it says that it is ready. It ends with this object too.</summary>
    public async Task<Process> AddAsync(int slots)
    {
        await StartOneAsync(slots);
        lock (_silos)
        {
            return _silos[^1];
        }
    }

    public Task<MicroSparkContext> ConnectAsync() => MicroSparkContext.ConnectAsync(options =>
    {
        options.Membership.Provider = "Sqlite";
        options.Membership.ConnectionString = ConnectionString;
        options.SecretFile = SecretFile;
    });

    /// <summary>How long the JIT of all workers, with a slot each, has worked until now.</summary>
    public static async Task<TimeSpan> CompilingAsync(MicroSparkContext spark, int workers) => TimeSpan.FromTicks(
        (await spark.Range(0, workers, partitions: workers).Map(static _ => JitInfo.GetCompilationTime(currentThread: false).Ticks).CollectAsync()).Sum());

    /// <summary>Processor time of all until now.</summary>
    public TimeSpan Cpu()
    {
        var all = TimeSpan.Zero;
        foreach (var silo in _silos)
        {
            silo.Refresh();
            all += silo.TotalProcessorTime;
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            if (!silo.HasExited)
            {
                silo.Kill();
            }

            await silo.WaitForExitAsync();
            silo.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartOneAsync(int slots)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Dll,
                "--MicroSpark:Membership:Provider=Sqlite",
                $"--MicroSpark:Membership:ConnectionString={ConnectionString}",
                $"--MicroSpark:SecretFile={SecretFile}",
                $"--MicroSpark:Slots={slots}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        var silo = Process.Start(start) ?? throw new InvalidOperationException($"{Dll} did not start.");
        lock (_silos)
        {
            _silos.Add(silo);
        }

        var errors = silo.StandardError.ReadToEndAsync();
        while (await silo.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("MicroSpark worker ready", StringComparison.Ordinal))
            {
                // Nobody reads on; what it writes must not fill the pipe.
                _ = silo.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException($"The worker ended before it was ready: {await errors}");
    }

    // Built beside this assembly, in the same configuration.
    private static string Dll
    {
        get
        {
            var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Join(here.Parent!.Parent!.FullName, "Silo", here.Name, "MicroSpark.Silo.dll");
        }
    }
}
