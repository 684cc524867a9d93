using MicroSpark.Client.Output;

namespace MicroSpark.Client.CommandLine;

/// <summary>One command's context: opened, its jobs' progress shown, and closed when the command is done.</summary>
internal static class Session
{
    /// <summary>Runs <paramref name="work"/>; it hides the progress before it writes results.</summary>
    public static async Task<int> RunAsync(
        ClusterChoice choice, ReportChoice report, Terminal terminal, Func<MicroSparkContext, JobReports, CancellationToken, Task> work,
        CancellationToken cancellationToken)
    {
        using var reports = new JobReports(report, terminal, bars: true);
        await using var spark = await choice.OpenAsync(cancellationToken);
        using var watch = reports.Watch(spark);
        await work(spark, reports, cancellationToken);
        reports.Hide();
        terminal.Out.Flush();
        reports.Summarize();
        return ExitCode.Done;
    }

    /// <summary>For commands that run no jobs of their own.</summary>
    public static async Task<int> AskAsync(
        ClusterChoice choice, Terminal terminal, Func<MicroSparkContext, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await using var spark = await choice.OpenAsync(cancellationToken);
        await work(spark, cancellationToken);
        terminal.Out.Flush();
        return ExitCode.Done;
    }
}
