using System.Diagnostics;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Submitting;

/// <summary>Builds a program that is given as a project, or as the folder of one.</summary>
internal static class ProjectBuild
{
    /// <summary>The assembly to run: the path itself, unless it is a project's.</summary>
    /// <exception cref="UsageException">There is no such file, no one project in the folder, or it does not build.</exception>
    public static async Task<string> AssemblyOfAsync(string path, TextWriter said, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            var projects = Directory.GetFiles(path, "*.*proj");
            return projects.Length == 1
                ? await BuildAsync(projects[0], said, cancellationToken)
                : throw new UsageException($"The folder {path} has {projects.Length} projects: give one project, or a compiled program.");
        }

        return path.EndsWith("proj", StringComparison.OrdinalIgnoreCase) && File.Exists(path)
            ? await BuildAsync(path, said, cancellationToken)
            : path;
    }

    private static async Task<string> BuildAsync(string project, TextWriter said, CancellationToken cancellationToken)
    {
        said.WriteLine($"Building {project} ...");

        // With -c Release: lambdas of a Debug build are neither optimised nor inlined.
        var start = new ProcessStartInfo(
            "dotnet", [
                "msbuild", project, "-restore", "-t:Build", "-p:Configuration=Release", "-getProperty:TargetPath", "-nologo", "-v:q"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var build = Process.Start(start)!;
        try
        {
            var output = build.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await build.StandardError.ReadToEndAsync(cancellationToken);
            await build.WaitForExitAsync(cancellationToken);
            var text = (await output).Trim();
            return build.ExitCode == 0 && File.Exists(text)
                ? text
                : throw new UsageException($"{project} does not build:{Environment.NewLine}{$"{errors}{text}".Trim()}");
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }
    }
}
