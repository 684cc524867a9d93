using MicroSpark.Display;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// Logs to standard error, because results belong to standard output. Logs only messages on which somebody should act. Orleans tells its
/// whole life at Information, and each sign of a dead peer at Warning. MicroSpark's own messages tell what that means for a job.
/// </summary>
internal static class QuietLogging
{
    /// <summary>The least level of a category: that of its longest beginning here.</summary>
    private static readonly (string Category, LogLevel Least)[] s_rules =
    [
        ("", LogLevel.Warning),
        ("Orleans", LogLevel.Error),

        // What a program's tasks say: their own setting says from which level on.
        (TaskLogs.Category, LogLevel.Trace),

        // Why a job failed is told to whoever runs it, in full.
        ("MicroSpark.Grains.Jobs", LogLevel.Error),
        ("MicroSpark.Grains.Rdds", LogLevel.Error),

        // Who did what; a program's own silos write none of it.
        (AuditLog.Category, LogLevel.Information),

        // A failure at start or stop is thrown to the code that starts or stops the host, and that code reports it in a sentence.
        ("Orleans.Runtime.SiloLifecycleSubject", LogLevel.None),
        ("Orleans.Runtime.Silo", LogLevel.None),
        ("Orleans.Runtime.MembershipService.MembershipAgent", LogLevel.None),
        ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None),

        // It keeps trying to reach members that are gone; membership is what says that they are.
        ("Orleans.Runtime.GrainDirectory.ClientDirectory", LogLevel.None),

        // A silo that is the last to leave finds no other for its grains.
        ("Orleans.Grain", LogLevel.None),

        // A message that cannot be delivered is an exception of its call.
        ("Orleans.Messaging", LogLevel.None),
        ("Polly", LogLevel.None),
    ];

    /// <param name="host">The log of a host that these services are a part of: it gets what would go to standard error, and its own
    /// settings leave out more.</param>
    public static IServiceCollection AddQuietLogging(this IServiceCollection services, ILoggerFactory? host = null) =>
        host is null
            ? services.AddLogging(AddStandardError)
            : services.AddLogging().AddSingleton<ILoggerFactory>(new HostLogs(host));

    /// <summary>The least level at which a category is logged.</summary>
    public static LogLevel LeastOf(string category) =>
        s_rules.Where(rule => category.StartsWith(rule.Category, StringComparison.OrdinalIgnoreCase))
            .MaxBy(rule => rule.Category.Length).Least;

    private static void AddStandardError(ILoggingBuilder logging)
    {
        logging.AddConsole(static console => console.FormatterName = OneLineFormatter.FormatterName);
        logging.AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>();
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter(null, LeastOf(""));
        foreach (var (category, least) in s_rules.Where(static rule => rule.Category.Length > 0))
        {
            logging.AddFilter(category, least);
        }
    }
}

/// <summary>
/// The log of a program's own host, for the silos and connections inside it. The host disposes of it; here it is only used.
/// </summary>
internal sealed class HostLogs(ILoggerFactory host) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Quiet(host.CreateLogger(categoryName), QuietLogging.LeastOf(categoryName));

    public void AddProvider(ILoggerProvider provider) => host.AddProvider(provider);

    public void Dispose()
    {
    }

    private sealed class Quiet(ILogger log, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && log.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= least)
            {
                log.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}

/// <summary>
/// One event, one line: time, level, the last part of the category, the message, and what an exception says without its stack.
/// </summary>
internal sealed class OneLineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "microspark";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..];
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(
            $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {logEntry.LogLevel.ToString().ToLowerInvariant()} {category}: "
            + $"{OneLine(message)}");
        for (var error = logEntry.Exception; error is not null; error = error.InnerException)
        {
            textWriter.Write($" | {error.GetType().Name}: {OneLine(error.Message)}");
        }

        textWriter.Write(Environment.NewLine);
    }

    /// <summary>Errors say what data and other programs say: a terminal that shows this log does not obey it.</summary>
    private static string OneLine(string text) => VisibleText.Of(text.ReplaceLineEndings(" "));
}
