using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MicroSpark.Silo;

/// <summary>
/// Sends what this process measures and traces under the name <c>MicroSpark</c> to a collector, by OTLP. Headers, intervals and
/// attributes of the process come from OpenTelemetry's own environment variables. What is left is sent when it is disposed of.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>The switch, at workers and at commands that run jobs.</summary>
    public const string Switch = "--otlp";

    /// <summary>OpenTelemetry's own variables: one for both signals, or one each.</summary>
    private static readonly string[] s_endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    private const string Source = "MicroSpark";

    /// <summary>A collector that does not answer holds a worker's end up for no longer.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <summary>More than one try at a collector takes.</summary>
    private static readonly TimeSpan s_last = TimeSpan.FromSeconds(15);

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    /// <param name="collector">Its base address, as <c>http://localhost:4318</c>. Null for that of the environment, by the protocol that
    /// the environment names.</param>
    /// <param name="service">What the process is.</param>
    public OtlpExport(Uri? collector, string service)
    {
        var version = typeof(OtlpExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource(Source).AddOtlpExporter(To("v1/traces")).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Name).AddMeter(Source).AddOtlpExporter(To("v1/metrics")).Build();

        // The variables of the environment come last: who runs several clusters names them there.
        void Name(ResourceBuilder resource) => resource.AddService(service, serviceVersion: version).AddEnvironmentVariableDetector();

        Action<OtlpExporterOptions> To(string path) => options =>
        {
            if (collector is not null)
            {
                (options.Endpoint, options.Protocol) = (new Uri(collector, path), OtlpExportProtocol.HttpProtobuf);
            }
        };
    }

    /// <summary>Whether the environment names a collector, as Aspire and operators of OpenTelemetry give it to processes.</summary>
    public static bool IsInEnvironment =>
        s_endpoints.Any(static name => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(name)));

    /// <summary>The address of a collector as it is written on a command line; null when it is none.</summary>
    public static Uri? Read(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var collector) && collector.Scheme is "http" or "https"
            ? collector
            : null;

    /// <summary>Sends what there is now: the instruments of a silo that has stopped are gone.</summary>
    public void Flush() => _metrics.ForceFlush((int)s_farewell.TotalMilliseconds);

    public void Dispose()
    {
        // By itself it gives up after five seconds, which a busy machine can take.
        _traces.ForceFlush((int)s_last.TotalMilliseconds);
        _traces.Dispose();
        _metrics.Dispose();
    }
}
