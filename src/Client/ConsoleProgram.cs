using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Commands;
using MicroSpark.Client.Output;

namespace MicroSpark.Client;

/// <summary>The console from its arguments to its exit code.</summary>
internal static class ConsoleProgram
{
    private const string ProgramName = "microspark";

    /// <summary>After Ctrl-C a job gets this long to be cancelled before the process ends anyway.</summary>
    private static readonly TimeSpan s_timeToCancel = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var parsed = Root(terminal).Parse(SubmitCommand.SeparateProgramArguments(arguments));
        var configuration = new InvocationConfiguration
        {
            Output = parsed.Errors.Count == 0 ? terminal.Out : terminal.Error,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,

            // At a prompt Ctrl-C ends what runs, not the session; a worker leaves in order.
            ProcessTerminationTimeout =
                parsed.CommandResult.Command.Name is ShellCommand.Name or WorkerCommand.Name ? null : s_timeToCancel,
        };
        if (parsed is { Action: ParseErrorAction failed, CommandResult.Command: var command })
        {
            if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var unknown, ..])
            {
                var hint =
                    Suggestions.Nearest(
                        unknown, command.Subcommands.Select(known => known.Name)
                            .Concat(command.Options.Select(known => known.Name))) is { } nearest ? $" Did you mean {nearest}?" : "";
                var path = command.Parents.Any() ? $"{ProgramName} {command.Name}" : ProgramName;
                terminal.Error.WriteLine($"There is no {path} {unknown}.{hint} `{path} --help` lists what there is.");
                return ExitCode.BadUsage;
            }

            // What is wrong stands alone, not above a screen of help; only a command that was left out is answered with the list.
            failed.ShowHelp = command.Subcommands.Count > 0;
        }

        try
        {
            var code = await parsed.InvokeAsync(configuration, cancellationToken);
            return parsed.Errors.Count == 0 ? code : ExitCode.BadUsage;
        }
        catch (Exception e)
        {
            terminal.Out.Flush();
            return Failures.Report(e, terminal.Error);
        }
    }

    private static Command Root(Terminal terminal)
    {
        // Not a RootCommand, which is called as its file is: that has another name beside MicroSpark.dll, where file names know no case.
        var root = new Command(ProgramName, "MicroSpark: Spark's RDD model for .NET, on Orleans.")
            { new HelpOption(), new VersionOption() };
        root.Subcommands.Add(WordCountCommand.Create(terminal));
        root.Subcommands.Add(RunCommand.Create(terminal));
        root.Subcommands.Add(ShellCommand.Create(terminal));
        root.Subcommands.Add(SubmitCommand.Create(terminal));
        root.Subcommands.Add(WorkersCommand.Create(terminal));
        root.Subcommands.Add(JobsCommand.Create(terminal));
        root.Subcommands.Add(JobCommand.Create(terminal));
        root.Subcommands.Add(LogsCommand.Create(terminal));
        root.Subcommands.Add(RddsCommand.Create(terminal));
        root.Subcommands.Add(CancelCommand.Create(terminal));
        root.Subcommands.Add(UiCommand.Create(terminal));
        root.Subcommands.Add(SecretCommand.Create(terminal));
        root.Subcommands.Add(CertsCommand.Create(terminal));
        root.Subcommands.Add(HashCommand.Create(terminal));
        root.Subcommands.Add(HistoryCommand.Create(terminal));
        root.Subcommands.Add(WorkerCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        Examples.Show(root);
        return root;
    }
}
