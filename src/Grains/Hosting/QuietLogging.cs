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
    public static IServiceCollection AddQuietLogging(this IServiceCollection services) => services.AddLogging(static logging =>
    {
        logging.AddConsole(static console => console.FormatterName = OneLineFormatter.FormatterName);
        logging.AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>();
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Error);

        // Why a job failed is told to whoever runs it, in full.
        logging.AddFilter("MicroSpark.Grains.Jobs", LogLevel.Error);
        logging.AddFilter("MicroSpark.Grains.Rdds", LogLevel.Error);

        // A failure at start or stop is thrown to the code that starts or stops the host, and that code reports it in a sentence.
        logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.None);
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.None);
        logging.AddFilter("Orleans.Runtime.MembershipService.MembershipAgent", LogLevel.None);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // It keeps trying to reach members that are gone; membership is what says that they are.
        logging.AddFilter("Orleans.Runtime.GrainDirectory.ClientDirectory", LogLevel.None);

        // A silo that is the last to leave finds no other for its grains.
        logging.AddFilter("Orleans.Grain", LogLevel.None);

        // A message that cannot be delivered is an exception of its call.
        logging.AddFilter("Orleans.Messaging", LogLevel.None);
        logging.AddFilter("Polly", LogLevel.None);
    });
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

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
