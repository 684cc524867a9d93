using System.Globalization;

namespace MicroSpark.Bench;

/// <summary>A limit on one of MicroSpark's figures.</summary>
/// <param name="Unit">What the limit counts, as in the table: <c>x DuckDB</c>, <c>ms</c>, <c>MB peak</c>.</param>
internal sealed record Bound(double AtMost, string Unit, Func<IReadOnlyList<Result>, double?> Figure)
{
    /// <summary>MicroSpark's time over a peer's.</summary>
    public static Bound Times(double atMost, string peer) => new(
        atMost, $"x {peer}", results => Find(results, Contender.Ours) is { } ours && Find(results, peer) is { } theirs ? ours.Median / theirs.Median : null);

    /// <summary>MicroSpark's processor time over a peer's.</summary>
    public static Bound TimesCpu(double atMost, string peer) => new(
        atMost, $"x the CPU of {peer}",
        results => Find(results, Contender.Ours) is { } ours && Find(results, peer) is { } theirs ? ours.Cpu / theirs.Cpu : null);

    /// <summary>MicroSpark's peak memory, but for so many megabytes, over a peer's.</summary>
    public static Bound TimesMemory(double atMost, string peer, double allowed) => new(
        atMost, $"x the memory of {peer}",
        results => Find(results, Contender.Ours)?.PeakMegabytes is { } ours && Find(results, peer)?.PeakMegabytes is { } theirs
            ? Math.Max(0, ours - allowed) / theirs : null);

    public static Bound Milliseconds(double atMost) => new(atMost, " ms", results => Find(results, Contender.Ours)?.Median);

    /// <summary>Of a hundred calls the second slowest, or the slowest of fewer.</summary>
    public static Bound Percentile99(double atMost) => new(atMost, " ms p99", results => Find(results, Contender.Ours)?.Percentile99);

    /// <summary>Processor time of MicroSpark's process by the tasks of a run.</summary>
    public static Bound CpuPerTask(double microseconds, int tasks) =>
        new(microseconds, " us of CPU a task", results => Find(results, Contender.Ours) is { } ours ? ours.Cpu * 1000 / tasks : null);

    /// <summary>That all runs came to the right answer, as they do where there is a result at all.</summary>
    public static Bound NoFailures => new(0, " failed jobs", results => Find(results, Contender.Ours) is null ? null : 0);

    /// <summary>The largest memory that any run's process held.</summary>
    public static Bound PeakMegabytes(double atMost) => new(atMost, " MB peak", results => Find(results, Contender.Ours)?.PeakMegabytes);

    /// <summary>One workload's verdict, as <c>0.83x DuckDB (at most 1): met</c>.</summary>
    public string Verdict(IReadOnlyList<Result> results) => Figure(results) is { } figure
        ? $"{Number(figure)}{Unit} (at most {Number(AtMost)}): {(figure <= AtMost ? "met" : "MISSED")}"
        : $"at most {Number(AtMost)}{Unit}: not measured";

    public bool? IsMet(IReadOnlyList<Result> results) => Figure(results) is { } figure ? figure <= AtMost : null;

    private static Result? Find(IReadOnlyList<Result> results, string contender) => results.FirstOrDefault(result => result.Contender == contender);

    private static string Number(double value) => value.ToString(value < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
