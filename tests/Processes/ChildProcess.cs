using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A process that a test started: its output is kept and can be waited for, and it never outlives the test.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigint = 2;
    private const int Sigterm = 15;

    // As Linux numbers them on all processors that .NET runs on.
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    /// <summary>No process is waited for as long as this. A test that hangs says what its processes wrote, and no other one pays.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waits = [];
    private readonly Task _read;

    private ChildProcess(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public static ChildProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };

        // The settings of whoever runs the tests are not the tests' settings.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MICROSPARK__", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start."));
    }

    /// <summary>The first line, already written or still to come, that matches.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it; the message has all that it wrote.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waits)
        {
            if (Lines().FirstOrDefault(matches) is { } line)
            {
                return line;
            }

            _waits.Add((matches, found));
        }

        await BoundAsync(Task.WhenAny(found.Task, _read));
        if (!found.Task.IsCompleted)
        {
            throw new InvalidOperationException($"The process ended without the line that the test waits for.{Environment.NewLine}{Output}{Errors}");
        }

        return await found.Task;
    }

    /// <summary>The exit code, when all output is in.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await BoundAsync(_process.WaitForExitAsync());
        await BoundAsync(_read);
        return _process.ExitCode;
    }

    public void Terminate() => Signal(Sigterm);

    public void Interrupt() => Signal(Sigint);

    /// <summary>Its threads stand still until <see cref="Thaw"/>; its sockets stay open.</summary>
    public void Freeze() => Signal(Sigstop);

    public void Thaw() => Signal(Sigcont);

    /// <summary>As a crash or <c>kill -9</c> ends it.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        await WaitForExitAsync();
        _process.Dispose();
    }

    private async Task BoundAsync(Task wait)
    {
        try
        {
            await wait.WaitAsync(Hang);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"Process {Id} neither ended nor wrote what is awaited in {Hang.TotalMinutes} minutes. It wrote:{Environment.NewLine}{Output}{Errors}", e);
        }
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0 && !_process.HasExited)
        {
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {_process.Id}.");
        }
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_waits)
            {
                text.AppendLine(line);
                foreach (var wait in _waits.Where(w => w.Matches(line)))
                {
                    wait.Found.TrySetResult(line);
                }
            }
        }
    }

    private IEnumerable<string> Lines() => $"{_output}{_errors}".Split(Environment.NewLine);

    private string Text(StringBuilder text)
    {
        lock (_waits)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
