using System.CommandLine;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Samples;

namespace MicroSpark.Client.Commands;

/// <summary><c>run SAMPLE</c>: a built-in program, each a command of its own, so that help and slips are answered by name.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("run", "Run a built-in sample.");
        command.Subcommands.Add(WordCountCommand.Create(terminal));
        foreach (var sample in Sample.All)
        {
            command.Subcommands.Add(Of(sample, terminal));
        }

        return command.WithExamples(
            "microspark run pi 8", "microspark run terasort --local 2", "microspark run pagerank edges.txt --cluster");
    }

    private static Command Of(Sample sample, Terminal terminal)
    {
        var command = new Command(sample.Name, sample.Description);
        var arguments = new Argument<string[]>("ARGS") { Description = sample.Usage, DefaultValueFactory = _ => [] };
        command.Arguments.Add(arguments);
        var cluster = new ClusterOptions(command);
        var report = new ReportOptions(command);
        Suggestions.RefuseOptions(arguments, command);
        command.SetAction((parsed, cancellationToken) => Session.RunAsync(
            cluster.Read(parsed), report.Read(parsed), terminal,
            async (spark, progress, token) =>
            {
                // A sample writes when it likes; what it wrote is shown once its bars are gone.
                using var output = new StringWriter();
                try
                {
                    await sample.RunAsync(spark, parsed.GetValue(arguments)!, output, token);
                }
                catch (SampleUsageException e)
                {
                    throw new UsageException(e.Message, e);
                }
                finally
                {
                    progress.Hide();
                    terminal.Out.Write(output.ToString());
                }
            },
            cancellationToken));
        return command;
    }
}
