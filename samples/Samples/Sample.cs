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
    ];
}
