using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MicroSpark.Hosting;

/// <summary>
/// Logs to standard error, and only what somebody should act on: results belong to standard output, and Orleans tells its whole life
/// at Information.
/// </summary>
internal static class QuietLogging
{
    public static IServiceCollection AddQuietLogging(this IServiceCollection services) => services.AddLogging(static logging =>
    {
        logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("MicroSpark", LogLevel.Information);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.None);

        // What fails at start or stop is thrown to whoever starts or stops the host, who says it in a sentence.
        logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.None);
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.None);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // They warn that a pause was noticed, which any laptop under load has.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.MembershipService.LocalSiloHealthMonitor", LogLevel.Error);

        // A connection that ends because a silo died is told by membership; one that was refused is told by the handshake.
        logging.AddFilter("Orleans.Runtime.Messaging", LogLevel.Error);
    });
}
