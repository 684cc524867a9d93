using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Client.CommandLine;
using MicroSpark.Client.Output;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Submitting;

/// <summary>
/// A submitted program that goes on when its submitter leaves. Its jobs are the cluster's and outlive any client, but the program needs a
/// process between its jobs. That process is another console on this machine, which writes to a log and not to the terminal.
/// </summary>
internal static class Detached
{
    /// <summary>Tells the other console that it is the detached one.</summary>
    public const string LogVariable = "MICROSPARK_DETACHED_LOG";

    private const int LastLines = 20;

    /// <summary>
    /// Starts the other console and waits until the program has submitted its first job, whose id is printed, or has ended without one.
    /// </summary>
    /// <param name="secretFromInput">Whether the cluster's secret comes by standard input, which goes on to the other console then.</param>
    public static async Task<int> StartAsync(
        IEnumerable<string> arguments, string log, bool secretFromInput, Terminal terminal, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Detached).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[LogVariable] = log;
        var before = File.Exists(log) ? new FileInfo(log).Length : 0;
        using var program = Process.Start(start)!;
        if (secretFromInput)
        {
            await program.StandardInput.WriteAsync(await Console.In.ReadToEndAsync(cancellationToken));
        }

        program.StandardInput.Close();
        if (await program.StandardOutput.ReadLineAsync(cancellationToken) is { Length: > 0 } job)
        {
            terminal.Out.WriteLine(job);
            terminal.Error.WriteLine(
                $"Process {program.Id} goes on with the program and writes to {log}. `microspark job {job}` shows its first job, "
                + $"`microspark jobs` all.");
            return ExitCode.Done;
        }

        // What it wrote is in its log, but for what went wrong before there was one.
        terminal.Error.Write(await program.StandardError.ReadToEndAsync(cancellationToken));
        await program.WaitForExitAsync(cancellationToken);
        terminal.Error.WriteLine($"The program ended with {program.ExitCode} and submitted no job. The end of what it wrote to {log}:");
        foreach (var line in File.Exists(log) ? LinesFrom(log, before).TakeLast(LastLines) : [])
        {
            terminal.Error.WriteLine(line);
        }

        return program.ExitCode;
    }

    /// <summary>Of this run: a log is appended to.</summary>
    private static IEnumerable<string> LinesFrom(string log, long position)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Min(position, file.Length);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Makes this console the one that goes on; null when it is an ordinary one.</summary>
    /// <exception cref="UsageException">The log cannot be written.</exception>
    public static Life? Begin()
    {
        if (Environment.GetEnvironmentVariable(LogVariable) is not { Length: > 0 } path)
        {
            return null;
        }

        Environment.SetEnvironmentVariable(LogVariable, null);
        try
        {
            return new Life(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--log {path}: {e.Message} Give a file in a folder that you may write to.", e);
        }
    }

    /// <summary>The other console's side.</summary>
    internal sealed class Life : IDisposable
    {
        private readonly Stream _starter = Console.OpenStandardOutput();
        private readonly StreamWriter _log;
        private readonly PosixSignalRegistration _hangup;
        private int _told;

        public Life(string path)
        {
            _log = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
            Console.SetOut(_log);
            Console.SetError(_log);

            // The terminal may close.
            _hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal => signal.Cancel = true);
        }

        public TextWriter Log => _log;

        /// <summary>Tells the starter of the first job, once the cluster knows it.</summary>
        public void Hear(JobProgress progress)
        {
            if (Interlocked.Exchange(ref _told, 1) == 0)
            {
                Tell(progress.Job);
            }
        }

        public void Dispose()
        {
            _hangup.Dispose();
            _log.Dispose();
        }

        private void Tell(JobId job)
        {
            try
            {
                _starter.Write(Encoding.ASCII.GetBytes($"{job}\n"));
                _starter.Flush();
                _starter.Dispose();
            }
            catch (IOException)
            {
                // Whoever started it did not wait for that.
                _log.WriteLine($"First job: {job}");
            }
        }
    }
}
