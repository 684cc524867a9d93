using System.CommandLine;
using System.Diagnostics;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Commands;

/// <summary>
/// <c>bench ARGS</c>: the benchmark program of the source tree. It does not ship, because it brings a database to compare with.
/// </summary>
internal static class BenchCommand
{
    private const string Project = "bench/Bench.csproj";

    public static Command Create()
    {
        var command = new Command("bench", "Build and run the benchmark program of the source tree; its options follow --.");
        var arguments = new Argument<string[]>("ARGS")
        { Description = "The benchmark program's own arguments.", DefaultValueFactory = _ => [] };
        command.Arguments.Add(arguments);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var project = Find() ?? throw new UsageException(
                $"The benchmark program is part of MicroSpark's source tree. Run this in a clone of it: there is no {Project} here, nor "
                + $"above this folder or the console's own.");
            using var run = Process.Start("dotnet", ["run", "-c", "Release", "--project", project, "--", .. parsed.GetValue(arguments)!]);
            await using var stop = cancellationToken.Register(() => run.Kill(entireProcessTree: true));
            await run.WaitForExitAsync(CancellationToken.None);
            return cancellationToken.IsCancellationRequested ? ExitCode.Cancelled : run.ExitCode;
        });
        return command.WithExamples("microspark bench -- --help", "microspark bench -- --filter wordcount,sort --runs 3");
    }

    private static string? Find() => new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }
        .SelectMany(start => Above(new DirectoryInfo(start)))
        .Select(folder => Path.Combine(folder.FullName, Project))
        .FirstOrDefault(File.Exists);

    private static IEnumerable<DirectoryInfo> Above(DirectoryInfo? folder)
    {
        for (; folder is not null; folder = folder.Parent)
        {
            yield return folder;
        }
    }
}
