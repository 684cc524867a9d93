using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>A program that the console runs by name: <c>microspark run NAME ARGS</c>.</summary>
/// <param name="Usage">Its arguments, as a help text shows them.</param>
/// <param name="RunAsync">Writes its results to the writer. Throws <see cref="SampleUsageException"/> when the arguments are wrong.</param>
public sealed record Sample(
    string Name, string Usage, string Description, Func<MicroSparkContext, IReadOnlyList<string>, TextWriter, CancellationToken, Task> RunAsync)
{
    /// <summary>All samples but <see cref="WordCount"/>, which the console gives options of its own.</summary>
    public static IReadOnlyList<Sample> All { get; } =
    [
        new("pi", "[SAMPLES]", "Estimate pi by throwing points at a square.", Pi.RunAsync),
        new("pagerank", "FILE [ITERATIONS]", "Rank the nodes of a graph: one link FROM TO a line, or OpenFlights' routes.", RunPageRankAsync),
        new("logmining", "FILE", "Count a log's lines by level, and the components with most warnings and errors.", RunLogMiningAsync),
    ];

    private static async Task RunPageRankAsync(
        MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var iterations = 10;
        if (arguments.Count is < 1 or > 2
            || (arguments.Count == 2 && (!int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out iterations) || iterations < 1)))
        {
            throw new SampleUsageException($"pagerank takes a file and the number of iterations, 1 or more, not '{string.Join(' ', arguments)}'.");
        }

        foreach (var (node, rank) in await PageRank.RunAsync(spark, arguments[0], iterations, cancellationToken: cancellationToken))
        {
            output.WriteLine($"{rank.ToString("F4", CultureInfo.InvariantCulture),10}  {node}");
        }
    }

    private static async Task RunLogMiningAsync(
        MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        if (arguments.Count != 1)
        {
            throw new SampleUsageException($"logmining takes one file, folder, pattern or comma list, not '{string.Join(' ', arguments)}'.");
        }

        var report = await LogMining.RunAsync(spark, arguments[0], cancellationToken: cancellationToken);
        output.WriteLine($"{report.Lines} lines");
        foreach (var (level, count) in report.Levels)
        {
            output.WriteLine($"{count,10}  {level}");
        }

        output.WriteLine("components with most problems");
        foreach (var (component, count) in report.Problems)
        {
            output.WriteLine($"{count,10}  {component}");
        }
    }
}
