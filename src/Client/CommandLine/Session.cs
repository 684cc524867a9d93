namespace MicroSpark.Client.CommandLine;

/// <summary>One command's context: opened, its jobs' progress shown, and closed when the command is done.</summary>
internal static class Session
{
    /// <summary>Runs <paramref name="work"/>; it hides the progress before it writes results.</summary>
    public static async Task<int> RunAsync(
        ClusterChoice choice, Terminal terminal, Func<MicroSparkContext, ProgressWatch, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        IProgressView view = terminal.ErrorIsScreen ? new BarProgress(terminal.Error) : new PlainProgress(terminal.Error);
        using var progress = new ProgressWatch(view, TimeProvider.System);
        await using var spark = await choice.OpenAsync(cancellationToken);
        spark.Progress += progress.Report;
        await work(spark, progress, cancellationToken);
        progress.Hide();
        terminal.Out.Flush();
        if (progress.Summary() is { } summary)
        {
            terminal.Error.WriteLine(summary);
        }

        return ExitCode.Done;
    }
}
