using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace MicroSpark.AspireHosting;

/// <summary>
/// The command that lets a browser into the page: its address alone lets nobody in. The console asks a worker for a link, as
/// <c>microspark ui</c> does.
/// </summary>
internal static class PageLink
{
    public const string Name = "microspark-page";

    public static async Task<ExecuteCommandResult> AskAsync(MicroSparkResource spark, CancellationToken cancellationToken)
    {
        if (spark.Command.Console is not { } console)
        {
            return CommandResults.Failure("The workers are no console, so it cannot be asked. Run: microspark ui");
        }

        var start = new ProcessStartInfo(console.Program, console.Arguments);
        if (spark.Workers.OfType<MicroSparkWorkerResource>().FirstOrDefault() is { } worker)
        {
            // Where workers are run: a NuGet.config and a relative program are looked for from there.
            start.WorkingDirectory = worker.WorkingDirectory;
        }

        var told = new EnvironmentCallbackContext(
            new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), spark, cancellationToken: cancellationToken);
        spark.Place.WriteTo(told, spark, isWorker: false);
        foreach (var (name, value) in told.EnvironmentVariables)
        {
            start.Environment[name] = value as string ?? await ((IValueProvider)value).GetValueAsync(cancellationToken);
        }

        var (code, output, errors) = await Tool.RunAsync(start, cancellationToken);

        // The SDK may say before what it fetches.
        var link = output.Split('\n', StringSplitOptions.TrimEntries)
            .LastOrDefault(static line => line.StartsWith("http://", StringComparison.Ordinal)
                || line.StartsWith("https://", StringComparison.Ordinal));
        return code == 0 && link is not null
            ? CommandResults.Success(
                "A link for one browser, good once and for 10 minutes.", $"[Page of the cluster]({link})", CommandResultFormat.Markdown,
                displayImmediately: true)
            : CommandResults.Failure($"The console ended with {code}: {errors}");
    }
}
