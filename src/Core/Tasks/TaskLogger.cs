using System.Text;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>The logger of one task, also when another thread uses it.</summary>
internal sealed class TaskLogger(ITaskLog log, TaskLabel task) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => IsEnabled(log, logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Write(log, task, null, logLevel, state, exception, formatter);

    public static bool IsEnabled(ITaskLog? log, LogLevel level) => level != LogLevel.None && log is not null && log.IsEnabled(level);

    /// <summary>One event, one line: of an exception the types and messages, without the stacks.</summary>
    public static void Write<TState>(
        ITaskLog? log, TaskLabel task, string? category, LogLevel level, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (!IsEnabled(log, level))
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

        log!.Say(task, level, category, text);
    }
}
