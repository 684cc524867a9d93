using System.Runtime.CompilerServices;
using MicroSpark.Codecs;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tasks;

/// <summary>
/// What a lambda gets in a task for a logger that it captured: a logger belongs to its process, and what it is for is to be heard. This one
/// says everything by the task that runs; outside of one it says nothing.
/// </summary>
/// <param name="category">Of the captured logger; null when that cannot be told.</param>
internal class CapturedLogger(string? category) : ILogger
{
    private readonly string? _category = category;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => TaskLogger.IsEnabled(TaskContext.Current?.Log, logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (TaskContext.Current is { } task)
        {
            TaskLogger.Write(task.Log, task.Label, _category, logLevel, state, exception, formatter);
        }
    }

    /// <summary>What travels in place of a value that is held in a field; the value itself when it is no logger's interface.</summary>
    public static object Of(object value, Type declared)
    {
        if (value is not ILogger || value is CapturedLogger)
        {
            return value;
        }

        if (declared.IsConstructedGenericType && declared.GetGenericTypeDefinition() == typeof(ILogger<>))
        {
            return Activator.CreateInstance(typeof(CapturedLogger<>).MakeGenericType(declared.GenericTypeArguments))!;
        }

        return declared == typeof(ILogger) ? new CapturedLogger(CategoryOf(value.GetType())) : value;
    }

    /// <summary>Of a <see cref="Logger{T}"/> behind the plain interface.</summary>
    private static string? CategoryOf(Type type) =>
        type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(Logger<>)
            ? TypeNames.Of(type.GenericTypeArguments[0])
            : null;
}

/// <inheritdoc />
internal sealed class CapturedLogger<T>() : CapturedLogger(TypeNames.Of(typeof(T))), ILogger<T>;

/// <summary>Loggers are the values that travel as something else.</summary>
internal static class CapturedLoggers
{
#pragma warning disable CA2255 // The rule keeps libraries from work that their users do not expect; this adds to a table of our own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void AddRule() => CapturedValues.Add(CapturedLogger.Of);
}
