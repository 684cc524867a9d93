using System.Text;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>The logger of one task, also when another thread uses it.</summary>
internal sealed class TaskLogger(TaskContext task) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => IsEnabled(task, logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Write(task, null, logLevel, state, exception, formatter);

    public static bool IsEnabled(TaskContext? task, LogLevel level) =>
        level != LogLevel.None && task?.Log is { } log && log.IsEnabled(level);

    /// <summary>One event, one line: of an exception the types and messages, without the stacks.</summary>
    public static void Write<TState>(
        TaskContext? task, string? category, LogLevel level, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (!IsEnabled(task, level))
        {
            return;
        }

        var text = formatter(state, exception);
        if (exception is not null)
        {
            var all = new StringBuilder(text);
            for (var error = exception; error is not null; error = error.InnerException)
            {
                all.Append(" | ").Append(error.GetType().Name).Append(": ").Append(error.Message);
            }

            text = all.ToString();
        }

        task!.Log!.Say(task, level, category, text);
    }
}
