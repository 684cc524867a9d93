using System.Text.RegularExpressions;

namespace MicroSpark.Samples;

/// <summary>What went wrong, how often, and where? Loads a log once and asks it several questions.</summary>
public static partial class LogMining
{
    /// <summary>What a log says.</summary>
    /// <param name="Lines">All lines, also those without a level.</param>
    /// <param name="Levels">How many lines each level has, by level.</param>
    /// <param name="Problems">The components with the most lines of level WARN, ERROR or FATAL, those with most first.</param>
    public sealed record Report(long Lines, (string Level, long Count)[] Levels, (string Component, long Count)[] Problems);

    /// <summary>Mines logs whose lines hold a level and, behind it, a component that ends with a colon: <c>... WARN dfs.DataNode: text</c>.</summary>
    /// <param name="path">A file, a directory, a glob, or a comma list of these.</param>
    public static async Task<Report> RunAsync(
        MicroSparkContext spark, string path, int top = 10, CancellationToken cancellationToken = default)
    {
        var lines = spark.TextFile(path);
        var entries = lines.FlatMap(Parse).Cache();
        var problems = entries.Filter(entry => entry.Level is "WARN" or "ERROR" or "FATAL");

        // Three actions. The second and third find the entries in memory; the file is parsed once.
        var count = await lines.CountAsync(cancellationToken);
        var levels = await entries.Map(entry => entry.Level).CountByValueAsync(cancellationToken);
        var components = await problems
            .Map(entry => (Key: entry.Component, Value: 1L))
            .ReduceByKey((a, b) => a + b)
            .TakeOrderedAsync(top, entry => (-entry.Value, entry.Key), cancellationToken: cancellationToken);
        await entries.UnpersistAsync(cancellationToken);

        return new Report(
            count,
            [.. levels.Select(level => (level.Key, level.Value)).OrderBy(level => level.Key, StringComparer.Ordinal)],
            [.. components.Select(component => (component.Key, component.Value))]);
    }

    private static IEnumerable<(string Level, string Component)> Parse(string line) =>
        Entry().Match(line) is { Success: true } match ? [(match.Groups[1].Value, match.Groups[2].Value)] : [];

    [GeneratedRegex(@"\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b\s+([^\s:]+):", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();
}
