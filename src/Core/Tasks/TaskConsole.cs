using System.Text;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>
/// A console stream that asks who writes. What a task writes, on its own thread or behind an await, is said by that task; all else goes
/// where it went before.
/// </summary>
internal sealed class TaskConsole : TextWriter
{
    private static readonly Lock s_lock = new();
    private static Installed? s_installed;

    [ThreadStatic]
    private static bool t_says;

    private readonly TextWriter _program;
    private readonly LogLevel _level;

    /// <param name="program">Where goes what no task writes.</param>
    /// <param name="level">Of what tasks write.</param>
    internal TaskConsole(TextWriter program, LogLevel level)
        : base(program.FormatProvider)
    {
        (_program, _level) = (program, level);
        CoreNewLine = program.NewLine.ToCharArray();
    }

    /// <summary>
    /// Whether this thread is telling a task's line to a log. A log may write to the console in turn, and that is not the task's.
    /// </summary>
    internal static bool Says
    {
        get => t_says;
        set => t_says = value;
    }

    public override Encoding Encoding => _program.Encoding;

    /// <summary>
    /// Puts it before the process's two streams, until all that was returned is disposed. A log that writes to the console is to be made
    /// before: then what it writes never passes here.
    /// </summary>
    public static IDisposable Install()
    {
        lock (s_lock)
        {
            s_installed ??= new Installed();
            s_installed.Users++;
            return new Use(s_installed);
        }
    }

    public override void Write(char value)
    {
        if (Lines is { } lines)
        {
            lines.Write(_level, new ReadOnlySpan<char>(in value));
        }
        else
        {
            _program.Write(value);
        }
    }

    public override void Write(string? value)
    {
        if (Lines is { } lines)
        {
            lines.Write(_level, value);
        }
        else
        {
            _program.Write(value);
        }
    }

    public override void Write(char[] buffer, int index, int count)
    {
        if (Lines is { } lines)
        {
            lines.Write(_level, buffer.AsSpan(index, count));
        }
        else
        {
            _program.Write(buffer, index, count);
        }
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Lines is { } lines)
        {
            lines.Write(_level, buffer);
        }
        else
        {
            _program.Write(buffer);
        }
    }

    // One write for a line where the process's own stream makes one of it.
    public override void WriteLine(string? value)
    {
        if (Lines is { } lines)
        {
            lines.Write(_level, value);
            lines.Write(_level, "\n");
        }
        else
        {
            _program.WriteLine(value);
        }
    }

    public override void Flush() => _program.Flush();

    /// <summary>Those of the task that writes; null when none does.</summary>
    private static ConsoleLines? Lines => t_says ? null : TaskContext.Current?.Console;

    /// <summary>The streams that it stands before.</summary>
    private sealed class Installed
    {
        private readonly TextWriter _out = Console.Out;
        private readonly TextWriter _error = Console.Error;
        private readonly TextWriter _newOut;
        private readonly TextWriter _newError;

        public Installed()
        {
            Console.SetOut(new TaskConsole(_out, LogLevel.Information));
            Console.SetError(new TaskConsole(_error, LogLevel.Warning));
            (_newOut, _newError) = (Console.Out, Console.Error);
        }

        public int Users { get; set; }

        /// <summary>A stream that the program has set since is the program's.</summary>
        public void Remove()
        {
            if (ReferenceEquals(Console.Out, _newOut))
            {
                Console.SetOut(_out);
            }

            if (ReferenceEquals(Console.Error, _newError))
            {
                Console.SetError(_error);
            }
        }
    }

    private sealed class Use(Installed installed) : IDisposable
    {
        private bool _over;

        public void Dispose()
        {
            lock (s_lock)
            {
                if (!_over)
                {
                    _over = true;
                    if (--installed.Users == 0)
                    {
                        installed.Remove();
                        s_installed = null;
                    }
                }
            }
        }
    }
}
