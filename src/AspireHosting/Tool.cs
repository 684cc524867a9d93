using System.Diagnostics;
using Aspire.Hosting;

namespace MicroSpark.AspireHosting;

/// <summary>
/// Has the SDK fetch the tool, once and before any worker starts. Workers that all fetched it at the same time would find each other's
/// half of it: <c>dotnet tool exec</c> does not guard against itself.
/// </summary>
internal static class Tool
{
    private static readonly SemaphoreSlim s_one = new(1);
    private static bool s_isThere;

    /// <param name="folder">The app host's, whose NuGet.config says from where packages come.</param>
    /// <exception cref="DistributedApplicationException">It cannot be had; the message has what the SDK says.</exception>
    public static async Task FetchAsync(string folder, CancellationToken cancellationToken)
    {
        await s_one.WaitAsync(cancellationToken);
        try
        {
            if (!s_isThere)
            {
                var (program, arguments) = WorkerCommand.Tool;
                var start = new ProcessStartInfo(program, [.. arguments.SkipLast(1), "--version"]);
                start.WorkingDirectory = folder;
                var (code, output, errors) = await RunAsync(start, cancellationToken);
                s_isThere = code == 0 ? true : throw new DistributedApplicationException(
                    $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {code}: {output}{errors}");
            }
        }
        finally
        {
            s_one.Release();
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        ProcessStartInfo start, CancellationToken cancellationToken)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
