using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MicroSpark.Bench;

/// <summary>Prints the results: one table for people, one document for machines.</summary>
internal static class Report
{
    private static readonly string[] Columns = [Contender.Ours, Contender.Interpreted, Contender.HandWritten, Contender.Plinq];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>What the figures depend on besides the code.</summary>
    public static string Environment =>
        $"{RuntimeInformation.FrameworkDescription}, {System.Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, "
        + $"{(GCSettings.IsServerGC ? "server" : "workstation")} GC ({GCSettings.LatencyMode})";

    public static string Table(IReadOnlyList<Result> results, int runs)
    {
        List<string[]> rows = [["workload", .. Columns]];
        foreach (IGrouping<string, Result> workload in results.GroupBy(result => result.Workload))
        {
            double ours = workload.Single(result => result.Contender == Contender.Ours).Median;
            rows.Add([workload.Key, .. Columns.Select(column => Cell(workload.FirstOrDefault(result => result.Contender == column), ours))]);
        }

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder()
            .AppendLine(Environment)
            .AppendLine(CultureInfo.InvariantCulture, $"Median of {runs} interleaved runs in ms; in brackets MicroSpark's time over theirs (below 1: MicroSpark is faster).")
            .AppendLine();
        for (int row = 0; row < rows.Count; row++)
        {
            AppendRow(text, rows[row], widths);
            if (row == 0)
            {
                AppendRow(text, [.. widths.Select(width => new string('-', width))], widths);
            }
        }

        return text.ToString();
    }

    public static string Json(IReadOnlyList<Result> results, int runs) =>
        JsonSerializer.Serialize(new { Environment, Runs = runs, Results = results }, Indented);

    private static string Cell(Result? result, double ours) => result switch
    {
        null => "-",
        { Contender: Contender.Ours } => Milliseconds(result.Median),
        _ => $"{Milliseconds(result.Median)} ({(ours / result.Median).ToString("0.00", CultureInfo.InvariantCulture)}x)",
    };

    private static string Milliseconds(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static void AppendRow(StringBuilder text, string[] cells, int[] widths)
    {
        text.Append("| ").Append(cells[0].PadRight(widths[0]));
        for (int column = 1; column < cells.Length; column++)
        {
            text.Append(" | ").Append(cells[column].PadLeft(widths[column]));
        }

        text.AppendLine(" |");
    }
}
