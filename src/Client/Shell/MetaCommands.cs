using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Events;
using MicroSpark.Client.Listings;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Shell;

/// <summary>What begins with a colon: about the session and the cluster, not C#.</summary>
internal sealed class MetaCommands(ScriptSession session, MicroSparkContext spark, Terminal terminal, Func<string, Task> runFileAsync)
{
    private static readonly (string Name, string Argument, string Help)[] s_commands =
    [
        (":help", "", "this list"),
        (":jobs", "", "the cluster's jobs"),
        (":job", "[JOB]", "a job's stages and tasks; the newest job's when none is given"),
        (":rdds", "", "what is persisted, and where it lies"),
        (":workers", "", "who computes"),
        (":ui", "", "a link to the page about the cluster, for one browser"),
        (":type", "EXPRESSION", "an expression's type; nothing is run"),
        (":load", "FILE", "run a script as if it were typed here"),
        (":save", "FILE", "write what was entered since the start, or the last :reset, as a script"),
        (":reset", "", "forget all variables, functions and types, and unload them"),
        (":quit", "", "end the session (Ctrl-D too)"),
    ];

    private readonly List<string> _entered = [];

    /// <summary>For completion: the commands, and what each takes.</summary>
    public static IEnumerable<(string Name, string Argument)> Known =>
        s_commands.Select(static command => (command.Name, command.Argument));

    /// <summary>Takes note of an input, for <c>:save</c>.</summary>
    public void Remember(string code) => _entered.Add(code);

    /// <summary>Runs the command.</summary>
    /// <returns>False when the session is to end.</returns>
    /// <exception cref="UsageException">There is no such command, or its argument is missing.</exception>
    public async Task<bool> RunAsync(string line, CancellationToken cancellationToken)
    {
        var parts = line.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var argument = parts.Length > 1 ? parts[1] : "";
        var known = Array.Find(s_commands, command => command.Name == parts[0]);
        if (known.Name is null)
        {
            var hint = Suggestions.Nearest(parts[0], s_commands.Select(command => command.Name)) is { } nearest
                ? $" Did you mean {nearest}?"
                : "";
            throw new UsageException($"There is no {parts[0]}.{hint} :help lists what there is.");
        }

        if (known.Argument.Length > 0 != argument.Length > 0 && !known.Argument.StartsWith('['))
        {
            throw new UsageException(
                known.Argument.Length > 0 ? $"{known.Name} takes {known.Argument}." : $"{known.Name} takes nothing, not '{argument}'.");
        }

        switch (known.Name)
        {
            case ":help":
                Help();
                break;
            case ":jobs":
                await JobListing.All.WriteTableAsync(spark, terminal.Out, cancellationToken);
                break;
            case ":job":
                await ShowJobAsync(argument, cancellationToken);
                break;
            case ":rdds":
                await RddListing.All.WriteTableAsync(spark, terminal.Out, cancellationToken);
                break;
            case ":workers":
                await WorkerListing.All.WriteTableAsync(spark, terminal.Out, cancellationToken);
                break;
            case ":ui":
                terminal.Out.WriteLine(
                    (await spark.UiLinkAsync(cancellationToken: cancellationToken))?.ToString()
                    ?? "There is no page: start the shell with --ui, or leave Silo:UiPort of a worker unset.");
                break;
            case ":type":
                terminal.Out.WriteLine(session.TypeOf(argument));
                break;
            case ":load":
                await runFileAsync(argument);
                break;
            case ":save":
                await File.WriteAllTextAsync(HomePath.Expand(argument), string.Join("\n", _entered) + "\n", cancellationToken);
                break;
            case ":reset":
                await session.ResetAsync();
                _entered.Clear();
                break;
            case ":quit":
                return false;
        }

        return true;
    }

    private async Task ShowJobAsync(string argument, CancellationToken cancellationToken)
    {
        var job = argument.Length > 0
            ? await JobArgument.FindAsync(spark, JobArgument.Check(argument), cancellationToken)
            : (await spark.JobsAsync(cancellationToken)).FirstOrDefault() ?? throw new UsageException("No job has run yet.");
        HistoryReport.Write(terminal.Out, await JobArgument.RecallAsync(spark, job.Id, cancellationToken), job);
    }

    private void Help()
    {
        terminal.Out.WriteLine("Type C#. 'spark' is the context; await works; the value of a line without a semicolon is printed.");
        foreach (var (name, argument, help) in s_commands)
        {
            terminal.Out.WriteLine($"  {$"{name} {argument}",-18} {help}");
        }

        terminal.Out.WriteLine(
            "Tab completes. Up and Down recall. Alt-Enter begins a new line; an empty one ends what only wants a semicolon. Ctrl-C "
            + "gives up a line, or cancels what runs.");
    }
}
