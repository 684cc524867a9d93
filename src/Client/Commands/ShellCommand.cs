using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Client.Shell;

namespace MicroSpark.Client.Commands;

/// <summary><c>shell</c>: C# at a prompt, on a live cluster.</summary>
internal static class ShellCommand
{
    public const string Name = "shell";

    public static Command Create(Terminal terminal)
    {
        var command = new Command(Name, "C# at a prompt: build RDDs, run actions, look at the results. Reads a script from a pipe too.");
        var script = new Option<string?>("-i") { Description = "A script to run first, such as setup.csx.", HelpName = "FILE" };
        command.Options.Add(script);
        var cluster = new ClusterOptions(command);
        var report = new ReportOptions(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(cluster.Read(parsed), report.Read(parsed), parsed.GetValue(script), terminal, cancellationToken));
        return command.WithExamples(
            "microspark shell --local 2", "microspark shell --cluster -i setup.csx",
            "echo 'await spark.Range(10).CountAsync()' | microspark shell");
    }

    private static async Task<int> RunAsync(
        ClusterChoice choice, ReportChoice report, string? script, Terminal terminal, CancellationToken cancellationToken)
    {
        if (script is not null && !File.Exists(script))
        {
            throw new UsageException($"-i takes a script; there is no file '{script}'.");
        }

        var interactive = terminal.InIsScreen;
        if (interactive)
        {
            terminal.Error.WriteLine("MicroSpark shell. 'spark' is the context; :help lists the commands.");
        }

        using var reports = new JobReports(report, terminal, bars: interactive);
        await using var spark = await choice.OpenAsync(cancellationToken);
        using var repl = await Repl.StartAsync(spark, terminal, reports);
        if (script is not null)
        {
            await repl.RunFileAsync(script);
        }

        return interactive ? await repl.TypedAsync() : await repl.PipedAsync(terminal.In);
    }
}
