using System.Reflection;

namespace MicroSpark.AspireHosting;

/// <summary>What is run as a worker.</summary>
internal sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The tool of this package's own version: programs and workers of one minor version work together. The SDK fetches it where it is not
    /// there yet.
    /// </summary>
    public static WorkerCommand Tool { get; } = new("dotnet", ["tool", "exec", $"MicroSpark.Tool@{Version}", "--yes", "--", Worker]);

    private const string Worker = "worker";

    /// <summary>The same program where it prints a link to the page; null when it is only a worker.</summary>
    public WorkerCommand? Console => Arguments.Contains(Worker)
        ? this with { Arguments = [.. Arguments.Take(Arguments.ToList().LastIndexOf(Worker)), "ui"] }
        : null;

    /// <summary>What the build has put there, without the commit behind it.</summary>
    private static string Version =>
        typeof(WorkerCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
