using System.Globalization;
using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A worker as users run it: the built MicroSpark.Silo.dll under <c>dotnet</c>.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SiloProcess(ChildProcess process) => _process = process;

    public int ProcessId => _process.Id;

    /// <summary>Address and port of the silo, as the ready line names them.</summary>
    public string Silo { get; private set; } = "";

    public int SiloPort => int.Parse(Silo[(Silo.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

    public int GatewayPort { get; private set; }

    public int DataPort { get; private set; }

    public int Slots { get; private set; }

    public string Output => _process.Output;

    public string Errors => _process.Errors;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a worker and does not wait for it.</summary>
    public static SiloProcess Launch(IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment = null) =>
        new(ChildProcess.Start("dotnet", [Dll, .. settings], environment));

    /// <summary>Starts a worker and returns when it says that it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment = null)
    {
        var silo = Launch(settings, environment);
        try
        {
            await silo.WaitUntilReadyAsync();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts several at the same moment.</summary>
    public static async Task<SiloProcess[]> StartAsync(
        int count, IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment = null)
    {
        var all = settings.ToList();
        return await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartAsync(all, environment)));
    }

    public async Task WaitUntilReadyAsync()
    {
        var match = Ready().Match(await _process.WaitForLineAsync(static line => Ready().IsMatch(line)));
        Silo = match.Groups["silo"].Value;
        GatewayPort = Number(match, "gateway");
        DataPort = Number(match, "data");
        Slots = Number(match, "slots");
    }

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    public void Terminate() => _process.Terminate();

    public void Interrupt() => _process.Interrupt();

    public void Kill() => _process.Kill();

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Built beside this assembly, in the same configuration.</summary>
    private static string Dll
    {
        get
        {
            var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(here.Parent!.Parent!.FullName, "Silo", here.Name, "MicroSpark.Silo.dll");
        }
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^MicroSpark worker ready: silo (?<silo>\S+), gateway (?<gateway>\d+), data (?<data>\d+), ui \S+, slots (?<slots>\d+)$")]
    private static partial Regex Ready();
}
