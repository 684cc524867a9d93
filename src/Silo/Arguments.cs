using MicroSpark.Grains.Hosting;

namespace MicroSpark.Silo;

/// <summary>The worker's command line: settings by their full name, and a short one for the most used.</summary>
internal static class Arguments
{
    public const string Usage =
        """
        Usage: MicroSpark.Silo [--cluster-id ID] [--otlp URL] [--MicroSpark:KEY=VALUE ...]
        A MicroSpark worker. Settings come from appsettings.json, then MICROSPARK__KEY environment variables, then these flags, such as
          --MicroSpark:Membership:Provider=Sqlite "--MicroSpark:Membership:ConnectionString=Data Source=cluster.db" --MicroSpark:Slots=2
        --otlp sends the worker's metrics to a collector, by OTLP over HTTP, as to http://localhost:4318.
        Exit codes: 0 stopped when told to, 1 lost its cluster, 2 bad settings, 3 no database or no cluster,
        4 as many cancelled tasks did not end as it has slots: it has left the cluster in order; start it again.
        """;

    private const string ClusterId = "--cluster-id";
    private const string Setting = $"--{MicroSparkConfiguration.Section}:";

    /// <returns>The flags as <c>--MicroSpark:KEY=VALUE</c>, and where measurements go.</returns>
    /// <exception cref="BadArgumentException">A flag is not known, or has no value, or one that it cannot have.</exception>
    public static (IReadOnlyList<string> Settings, Uri? Collector) Read(string[] args)
    {
        var settings = new List<string>();
        Uri? collector = null;
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=', 2)[0];
            MicroSparkConfiguration.RefuseSecret(name);
            var isClusterId = name == ClusterId;
            if (!isClusterId && name != OtlpExport.Switch && !name.StartsWith(Setting, StringComparison.OrdinalIgnoreCase))
            {
                throw new BadArgumentException(
                    $"'{name}' is no argument of a worker. Expected {ClusterId} ID, {OtlpExport.Switch} URL or {Setting}KEY=VALUE."
                    + $"{Environment.NewLine}{Usage}");
            }

            var inline = name.Length < args[i].Length;
            if (!inline && i + 1 == args.Length)
            {
                throw new BadArgumentException($"{name} has no value. Expected {name} VALUE or {name}=VALUE.");
            }

            var value = inline ? args[i][(name.Length + 1)..] : args[++i];
            if (name == OtlpExport.Switch)
            {
                collector = OtlpExport.Read(value) ?? throw new BadArgumentException(
                    $"'{value}' is no collector's address. Expected {OtlpExport.Switch} URL, such as http://localhost:4318.");
                continue;
            }

            settings.Add($"{(isClusterId ? $"{Setting}ClusterId" : name)}={value}");
        }

        return (settings, collector);
    }
}

/// <summary>The command line cannot be read.</summary>
internal sealed class BadArgumentException(string message) : Exception(message);
