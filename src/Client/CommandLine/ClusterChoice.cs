namespace MicroSpark.Client.CommandLine;

/// <summary>Where a command's jobs run: in this process on some embedded silos, or on the cluster that the settings describe.</summary>
/// <param name="LocalWorkers">Embedded silos; null means the cluster.</param>
/// <param name="Settings">Given on the command line, so stronger than environment variables and appsettings.json.</param>
internal sealed record ClusterChoice(int? LocalWorkers, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    public Task<MicroSparkContext> OpenAsync(CancellationToken cancellationToken)
    {
        ApplySettings();
        return LocalWorkers is { } workers
            ? MicroSparkContext.StartLocalAsync(workers, cancellationToken: cancellationToken)
            : MicroSparkContext.ConnectAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Puts the settings where every context of this process finds them, a submitted program's own included.</summary>
    public void ApplySettings()
    {
        foreach (var (key, value) in Settings)
        {
            Environment.SetEnvironmentVariable($"MICROSPARK__{key.Replace(":", "__", StringComparison.Ordinal)}", value);
        }
    }
}
