using System.Diagnostics;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A program at a terminal of its own (a pseudo-terminal, made by <c>script</c> of util-linux): a test types, and reads the screen.</summary>
internal sealed class TerminalProcess : IAsyncDisposable
{
    private const int Columns = 120;

    private readonly Process _process;
    private readonly Screen _screen = new(Columns);
    private readonly List<(Func<Screen, bool> Shows, TaskCompletionSource Seen)> _waits = [];
    private readonly Task _read;

    private TerminalProcess(Process process)
    {
        _process = process;
        _read = ReadAsync();
    }

    public string Text
    {
        get
        {
            lock (_screen)
            {
                return _screen.Text;
            }
        }
    }

    public static TerminalProcess Start(string command, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("script", ["-qefc", $"stty cols {Columns} rows 40; exec {command}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MICROSPARK__", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TERM"] = "xterm";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new TerminalProcess(Process.Start(start) ?? throw new InvalidOperationException("script did not start."));
    }

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Returns once the screen shows what the test waits for.</summary>
    /// <exception cref="InvalidOperationException">The program ended without it.</exception>
    public async Task WaitAsync(Func<Screen, bool> shows)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_screen)
        {
            if (shows(_screen))
            {
                return;
            }

            _waits.Add((shows, seen));
        }

        try
        {
            await Task.WhenAny(seen.Task, _read).WaitAsync(ChildProcess.Hang);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"What the test waits for did not come in {ChildProcess.Hang.TotalMinutes} minutes. The screen:\n{Text}", e);
        }

        if (!seen.Task.IsCompleted)
        {
            throw new InvalidOperationException($"The program ended without what the test waits for. Its screen:\n{Text}");
        }
    }

    /// <summary>Waits until the prompt is there for new input, and nothing is typed behind it.</summary>
    public Task WaitForPromptAsync() => WaitAsync(static screen => screen.Typing == "spark> ");

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        await _read;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_screen)
            {
                _screen.Write(buffer.AsSpan(0, count));
                foreach (var (shows, seen) in _waits)
                {
                    if (shows(_screen))
                    {
                        seen.TrySetResult();
                    }
                }
            }
        }
    }
}
