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
        new("pagerank", "FILE [ITERATIONS]", "Rank the nodes of a graph: one link FROM TO a line, or OpenFlights' routes.", ConsoleSamples.PageRankAsync),
        new("kmeans", "FILE [GROUPS]", "Find the centres of groups of points: one point a line.", ConsoleSamples.KMeansAsync),
        new("logistic", "FILE [ITERATIONS]", "Learn the plane between two kinds of points: one LABEL X Y ... a line.", ConsoleSamples.LogisticAsync),
        new("closure", "FILE", "Count the pairs of nodes with a path between them: one link FROM TO a line.", ConsoleSamples.TransitiveClosureAsync),
        new("terasort", "[ROWS]", "Sort generated rows of 100 bytes, and prove that they are sorted and complete.", ConsoleSamples.TeraSortAsync),
        new("flights", "FILE FOLDER", "Turn flights (CSV or JSON) into Parquet, and list the airports that lose most time.", ConsoleSamples.FlightsAsync),
        new("logmining", "FILE", "Count a log's lines by level, and the components with most warnings and errors.", ConsoleSamples.LogMiningAsync),
    ];
}
