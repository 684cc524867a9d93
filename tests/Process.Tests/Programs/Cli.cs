using System.Text.Json;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Programs;

/// <summary>The console as users run it: the built program under <c>dotnet</c>, in a process of its own.</summary>
internal static class Cli
{
    /// <summary>Built beside this assembly, in the same configuration.</summary>
    public static string Folder
    {
        get
        {
            var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(here.Parent!.Parent!.FullName, "Client", here.Name);
        }
    }

    public static ChildProcess Start(IReadOnlyDictionary<string, string>? settings, params string[] arguments) =>
        ChildProcess.Start("dotnet", [Path.Combine(Folder, "microspark-cli.dll"), .. arguments], settings);

    public static async Task<(int Code, string Out, string Error)> RunAsync(IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        await using var process = Start(settings, arguments);
        var code = await process.WaitForExitAsync();
        return (code, process.Output, process.Errors);
    }

    /// <summary>Runs what must succeed.</summary>
    public static async Task<string> OutputAsync(IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(settings, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)} ended with {code}: {error}");
        return output;
    }

    public static List<(string Word, long Count)> Words(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(row => (row.GetProperty("word").GetString()!, row.GetProperty("count").GetInt64()))];
    }
}
