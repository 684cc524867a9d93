using System.Diagnostics;
using System.Runtime;
using MicroSpark.Grains.Security;

namespace MicroSpark.Bench;

/// <summary>Worker processes that found each other through a SQLite file, as on one host without a server. They end with this object.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-bench-");
    private readonly List<Process> _silos = [];
    private readonly Safeguard _safeguard;

    private SiloProcesses(Safeguard safeguard) => _safeguard = safeguard;

    /// <summary>Those that have been started.</summary>
    public IReadOnlyList<Process> Processes => _silos;

    private string ConnectionString => $"Data Source={Path.Join(_folder.FullName, "cluster.db")}";

    private string SecretFile => FileOf("secret");

    /// <summary>Of a name that may submit jobs and bring code, and no more.</summary>
    private string SubmitFile => FileOf("ann");

    /// <summary>Starts <paramref name="count"/> of them and waits until each says that it is ready.</summary>
    public static async Task<SiloProcesses> StartAsync(int count, int slots, Safeguard safeguard = Safeguard.Secret)
    {
        var processes = new SiloProcesses(safeguard);
        try
        {
            if (safeguard == Safeguard.Tls)
            {
                await RunToolAsync("certs", processes._folder.FullName);
            }
            else if (safeguard == Safeguard.Roles)
            {
                await File.WriteAllTextAsync(processes.SubmitFile, SecretText.New());
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(processes.SubmitFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }

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
        options.SecretFile = _safeguard == Safeguard.Roles ? SubmitFile : SecretFile;
        if (_safeguard == Safeguard.Tls)
        {
            (options.Tls.Authority, options.Tls.Certificate, options.Tls.Key) = (FileOf("ca.pem"), FileOf("client.pem"), FileOf("client.key"));
        }
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
                .. _safeguard switch
                {
                    Safeguard.Tls => [
                        $"--MicroSpark:Tls:Authority={FileOf("ca.pem")}", $"--MicroSpark:Tls:Certificate={FileOf("worker.pem")}",
                        $"--MicroSpark:Tls:Key={FileOf("worker.key")}", "--MicroSpark:Tls:RequireClientCertificate=true",
                    ],
                    Safeguard.Roles => [
                        "--MicroSpark:Secrets:0:Name=ann", "--MicroSpark:Secrets:0:Role=Submit", "--MicroSpark:Secrets:0:Upload=true",
                        $"--MicroSpark:Secrets:0:File={SubmitFile}",
                    ],
                    _ => Array.Empty<string>(),
                },
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

    private string FileOf(string name) => Path.Join(_folder.FullName, name);

    private static async Task RunToolAsync(params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet", [Built("Client", "microspark-cli.dll"), .. arguments]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The command line tool did not start.");
        var output = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {tool.ExitCode}: {output}");
        }
    }

    private static string Dll => Built("Silo", "MicroSpark.Silo.dll");

    // Built beside this assembly, in the same configuration.
    private static string Built(string project, string file)
    {
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Join(here.Parent!.Parent!.FullName, project, here.Name, file);
    }
}

/// <summary>What keeps strangers out of worker processes that a bench starts.</summary>
internal enum Safeguard
{
    /// <summary>The cluster's own secret, for workers and clients: what a set-up without settings has.</summary>
    Secret,

    /// <summary>The client has a named secret, by which it may submit jobs and bring code.</summary>
    Roles,

    /// <summary>Certificates of each peer, by which all connections run inside TLS, and the secret.</summary>
    Tls,
}
