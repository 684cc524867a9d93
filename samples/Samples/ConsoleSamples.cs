using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>The samples as the console runs them: reads the arguments, prints the result.</summary>
internal static class ConsoleSamples
{
    public static async Task PageRankAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var (file, iterations) = FileAndNumber("pagerank", "the number of iterations", 10, arguments);
        foreach (var (node, rank) in await PageRank.RunAsync(spark, file, iterations, cancellationToken: cancellationToken))
        {
            output.WriteLine($"{Text(rank),10}  {node}");
        }
    }

    public static async Task LogMiningAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var report = await LogMining.RunAsync(spark, File("logmining", arguments), cancellationToken: cancellationToken);
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

    public static async Task KMeansAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var (file, k) = FileAndNumber("kmeans", "the number of groups", 3, arguments);
        foreach (var centre in await KMeans.RunAsync(spark, file, k, cancellationToken: cancellationToken))
        {
            output.WriteLine(string.Join("  ", centre.Select(Text)));
        }
    }

    public static async Task LogisticAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var (file, iterations) = FileAndNumber("logistic", "the number of iterations", 100, arguments);
        var weights = await LogisticRegression.RunAsync(spark, file, iterations, cancellationToken: cancellationToken);
        output.WriteLine(string.Join("  ", weights.Select(Text)));
    }

    public static async Task TransitiveClosureAsync(
        MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var paths = await TransitiveClosure.RunAsync(spark, File("closure", arguments), cancellationToken);
        output.WriteLine($"{await paths.CountAsync(cancellationToken)} pairs of nodes are connected");
    }

    public static async Task TeraSortAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var rows = 1_000_000;
        if (arguments.Count > 1 || (arguments.Count == 1 && !TryNumber(arguments[0], out rows)))
        {
            throw new SampleUsageException($"terasort takes the number of rows (100 bytes each), 1 or more, not '{string.Join(' ', arguments)}'.");
        }

        var partitions = await TeraSort.RunAsync(spark, rows, cancellationToken);
        output.WriteLine($"{rows} rows are sorted and complete, in {partitions} partitions");
    }

    public static async Task FlightsAsync(MicroSparkContext spark, IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        if (arguments.Count != 2)
        {
            throw new SampleUsageException($"flights takes a file of flights and a new folder for Parquet, not '{string.Join(' ', arguments)}'.");
        }

        foreach (var airport in await Flights.RunAsync(spark, arguments[0], arguments[1], cancellationToken: cancellationToken))
        {
            output.WriteLine($"{Text(airport.MeanDelay),10}  {airport.Code}  {airport.Departures} departures");
        }
    }

    private static string File(string sample, IReadOnlyList<string> arguments) => arguments.Count == 1
        ? arguments[0]
        : throw new SampleUsageException($"{sample} takes one file, folder, pattern or comma list, not '{string.Join(' ', arguments)}'.");

    private static (string File, int Number) FileAndNumber(string sample, string meaning, int number, IReadOnlyList<string> arguments) =>
        arguments.Count is 1 || (arguments.Count is 2 && TryNumber(arguments[1], out number))
            ? (arguments[0], number)
            : throw new SampleUsageException($"{sample} takes a file and {meaning}, 1 or more, not '{string.Join(' ', arguments)}'.");

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private static string Text(double number) => number.ToString("F4", CultureInfo.InvariantCulture);
}
