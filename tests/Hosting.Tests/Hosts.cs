using System.Net;
using MicroSpark.Grains.DataPlane;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace MicroSpark.Tests;

/// <summary>Hosts as an application makes them, with a log that can be read.</summary>
internal static class Hosts
{
    public static string Secret { get; } = new('1', 64);

    public static HostApplicationBuilder New(params (string Setting, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Setting, (string?)s.Value)));
        return builder;
    }

    /// <summary>Where a host of a test listens: nobody else is there.</summary>
    public static ISiloBuilder OnFreePorts(this ISiloBuilder silo)
    {
        var ports = FreePorts.Find(IPAddress.Loopback, 2);
        return silo.Configure<EndpointOptions>(e => (e.AdvertisedIPAddress, e.SiloPort, e.GatewayPort) = (IPAddress.Loopback, ports[0], ports[1]));
    }

    /// <summary>A job with a shuffle, whose lambdas are this assembly's.</summary>
    public static async Task<string> CountAsync(this MicroSparkContext spark)
    {
        var counts = await spark.Parallelize("to be or not to be".Split(' '), 3).Map(word => (word, 1)).ReduceByKey((a, b) => a + b).CollectAsync();
        return string.Join(' ', counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
    }
}

/// <summary>The file of a membership database that is not there yet.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-hosting-").FullName;

    public string Connection => $"Data Source={Path.Combine(_folder, "cluster.db")}";

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines to, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (to._lines)
            {
                to._lines.Add($"{logLevel} {category}: {formatter(state, exception)}");
            }
        }
    }
}
