using System.Text;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>What one task writes to the console: each line that is complete is said, and what is left is said at the task's end.</summary>
internal sealed class ConsoleLines(ITaskLog log, TaskLabel task)
{
    /// <summary>A line that never ends takes no more than this: a log cuts what is longer anyway.</summary>
    private const int Longest = 100_000;

    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Lock _lock = new();

    public void Write(LogLevel level, ReadOnlySpan<char> text)
    {
        List<string>? complete = null;
        lock (_lock)
        {
            var line = level == LogLevel.Information ? _out : _error;
            for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
            {
                Add(line, text[..end]);
                (complete ??= []).Add(Take(line));
                text = text[(end + 1)..];
            }

            Add(line, text);
        }

        Say(level, complete);
    }

    /// <summary>The task is over.</summary>
    public void End()
    {
        foreach (var (level, line) in ((LogLevel, StringBuilder)[])[(LogLevel.Information, _out), (LogLevel.Warning, _error)])
        {
            string? rest;
            lock (_lock)
            {
                rest = line.Length > 0 ? Take(line) : null;
            }

            Say(level, rest is null ? null : [rest]);
        }
    }

    private static void Add(StringBuilder line, ReadOnlySpan<char> text) =>
        line.Append(text[..Math.Min(text.Length, Longest - line.Length)]);

    private static string Take(StringBuilder line)
    {
        if (line.Length > 0 && line[^1] == '\r')
        {
            line.Length--;
        }

        var text = line.ToString();
        line.Clear();
        return text;
    }

    /// <summary>Outside the lock: the log has locks of its own, and may be at the console already on another thread.</summary>
    private void Say(LogLevel level, List<string>? lines)
    {
        if (lines is not null && log.IsEnabled(level))
        {
            lines.ForEach(line => log.Say(task, level, null, line));
        }
    }
}
