using MicroSpark.Grains.Hosting;

namespace MicroSpark.Client.CommandLine;

/// <summary>Where a command's jobs run: in this process on some embedded silos, or on the cluster that the settings describe.</summary>
/// <param name="LocalWorkers">Embedded silos; null means the cluster.</param>
/// <param name="Chosen">Whether the command line says so; false when it is the command's default.</param>
/// <param name="Settings">Given on the command line, so stronger than environment variables and appsettings.json.</param>
internal sealed record ClusterChoice(int? LocalWorkers, bool Chosen, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    /// <summary>Whether a link to the page is printed.</summary>
    public bool Ui { get; init; }

    public async Task<MicroSparkContext> OpenAsync(CancellationToken cancellationToken)
    {
        ApplySettings();
        if (LocalWorkers is { } workers)
        {
            // A context that has a page prints its link itself.
            return await MicroSparkContext.StartLocalAsync(workers, cancellationToken: cancellationToken);
        }

        var spark = await MicroSparkContext.ConnectAsync(cancellationToken: cancellationToken);
        if (Ui)
        {
            await Console.Error.WriteLineAsync(
                await spark.UiLinkAsync(cancellationToken: cancellationToken) is { } link
                    ? $"Look at it, once and within 10 minutes: {link}"
                    : "No worker of the cluster has a page.");
        }

        return spark;
    }

    /// <summary>Puts the settings where every context of this process finds them, a submitted program's own included.</summary>
    /// <exception cref="ClusterUnavailableException">The cluster is chosen, and no setting says which.</exception>
    public void ApplySettings()
    {
        foreach (var (key, value) in Settings)
        {
            var name = $"MICROSPARK__{key.Replace(":", "__", StringComparison.Ordinal)}";

            // Keys of settings know no case, variables do: one that is written otherwise would be as strong.
            foreach (
                var same in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(
                    known => known.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList())
            {
                Environment.SetEnvironmentVariable(same, null);
            }

            Environment.SetEnvironmentVariable(name, value);
        }

        const string PortVariable = "MICROSPARK__SILO__UIPORT";
        if (Ui && LocalWorkers is not null && Environment.GetEnvironmentVariable(PortVariable) is null)
        {
            Environment.SetEnvironmentVariable(PortVariable, "0");
        }

        if (LocalWorkers is null && MicroSparkConfiguration.Load().Membership.IsInMemory)
        {
            throw new ClusterUnavailableException(
                "No cluster is set: give --set Membership:Provider=Sqlite (or PostgreSql) and --set Membership:ConnectionString=..., "
                + "the same in " +
                "appsettings.json or as MICROSPARK__MEMBERSHIP__PROVIDER, or use --local N.");
        }
    }
}
