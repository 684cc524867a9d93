using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;

namespace MicroSpark.Client.Shell;

/// <summary>Reads, runs, prints, again: at a terminal, or what is piped in.</summary>
internal sealed class Repl : IDisposable
{
    private readonly MicroSparkContext _spark;
    private readonly Terminal _terminal;
    private readonly ScriptSession _session;
    private readonly MetaCommands _commands;
    private readonly JobReports _reports;
    private RunningLine? _running;

    private Repl(MicroSparkContext spark, Terminal terminal, ScriptSession session, JobReports reports)
    {
        (_spark, _terminal, _session, _reports) = (spark, terminal, session, reports);
        _commands = new MetaCommands(session, spark, terminal, RunFileAsync);
    }

    public static async Task<Repl> StartAsync(MicroSparkContext spark, Terminal terminal, JobReports reports) =>
        new(spark, terminal, await ScriptSession.StartAsync(spark), reports);

    public void Dispose() => _session.Dispose();

    /// <summary>A session at a terminal. A mistake is told, and the session goes on.</summary>
    public async Task<int> TypedAsync()
    {
        var editor = new LineEditor(_terminal.Error, new History(History.DefaultPath), new Completer(_session), IsComplete);
        Console.CancelKeyPress += OnCancelKey;
        try
        {
            while (editor.Read() is { } text)
            {
                if (!await TryRunAsync(text))
                {
                    break;
                }
            }

            return ExitCode.Done;
        }
        finally
        {
            Console.CancelKeyPress -= OnCancelKey;
        }
    }

    /// <summary>Runs what is piped in, submission by submission. Ends at the first mistake.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> PipedAsync(TextReader input)
    {
        try
        {
            await RunLinesAsync(input, ScriptSession.Prompt);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            // Whatever a line throws ends the script, and is told as it would be at the prompt.
            return Report(e);
        }
    }

    /// <summary>
    /// Runs a script as one submission, whose parts may use definitions below them. A script that is no single submission runs as if it
    /// were typed. Such a script, <c>:save</c>'s own output for example, has expressions to show or defines a name twice.
    /// </summary>
    public async Task RunFileAsync(string path)
    {
        var file = Path.GetFullPath(HomePath.Expand(path));
        var code = await File.ReadAllTextAsync(file);
        await _session.AddPackagesAsync(code);
        if (_session.Compiles(code, file))
        {
            await SubmitAsync(code, file);
            _commands.Remember($":load {file}");
            return;
        }

        using var lines = new StringReader(code);
        await RunLinesAsync(lines, file);
    }

    /// <summary>Submission by submission, until one fails or ends the session.</summary>
    private async Task RunLinesAsync(TextReader input, string path)
    {
        // Lines that have run are blank ones before what follows in a file, whose errors tell their line's number.
        var (pending, above) = ("", 0);
        for (var read = 1; await input.ReadLineAsync() is { } line; read++)
        {
            pending = pending.Length == 0 ? line : $"{pending}\n{line}";
            if (IsComplete(pending))
            {
                if (!await RunAsync(pending, path, above))
                {
                    return;
                }

                (pending, above) = ("", read);
            }
        }

        await RunAsync(pending, path, above);
    }

    private static bool IsComplete(string text) => text.TrimStart().StartsWith(':') || ScriptSession.IsComplete(text);

    private async Task<bool> TryRunAsync(string text)
    {
        try
        {
            return await RunAsync(text);
        }
        catch (Exception e)
        {
            // Whatever a line throws is told; the next line is another chance.
            Report(e);
            return true;
        }
    }

    private async Task<bool> RunAsync(string text, string path = ScriptSession.Prompt, int linesAbove = 0)
    {
        if (text.Trim().Length == 0)
        {
            return true;
        }

        // A line may run others: those of a script.
        using var line = _running is null ? _running = new RunningLine() : null;
        try
        {
            if (text.TrimStart().StartsWith(':'))
            {
                return await _commands.RunAsync(text, _running.Cancelled);
            }

            await SubmitAsync(path != ScriptSession.Prompt ? new string('\n', linesAbove) + text : text, path);
            _commands.Remember(text);
            return true;
        }
        finally
        {
            _running = line is null ? _running : null;
            _terminal.Out.Flush();
        }
    }

    private async Task SubmitAsync(string code, string path)
    {
        using var watch = _reports.WatchLine(_spark);
        try
        {
            // On the pool: a line that blocks must not keep Ctrl-C from getting through.
            var givenUp = _running?.GivenUp ?? default;
            var result = await Task.Run(() => _session.RunAsync(code, path, givenUp)).WaitAsync(givenUp);
            _reports.Hide();
            if (result.HasValue)
            {
                ValuePrinter.Print(_terminal.Out, result.Value);
            }
        }
        finally
        {
            _reports.Hide();
            _terminal.Out.Flush();
        }
    }

    private int Report(Exception exception)
    {
        _terminal.Out.Flush();
        return Failures.ReportLine(exception, _terminal.Error);
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = true;
        _ = _running?.InterruptAsync(_spark, _terminal);
    }
}
