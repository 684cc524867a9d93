using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MicroSpark.Bench;

/// <summary>One workload with what was measured of it, or what went wrong.</summary>
internal sealed record Measured(
    string Name, string Description, IReadOnlyList<Bound> AtLeast, IReadOnlyList<Bound> Goal, IReadOnlyList<Result> Results, string? Error);

/// <summary>Prints the results: one table, in Markdown, for people; one document for machines.</summary>
internal static class Report
{
    private static readonly string[] Peers = [Contender.HandWritten, Contender.Plinq, Contender.DuckDb];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The table; with <paramref name="asDocument"/> as docs/performance.md has it, with the descriptions below.</summary>
    public static string Table(IReadOnlyList<Measured> measured, Settings settings, bool cpu, bool asDocument)
    {
        List<string[]> rows = [["workload", Contender.Ours, .. Peers, "others", "at least", "goal"]];
        rows.AddRange(measured.Select(workload => Row(workload, cpu)));
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => asDocument ? 0 : rows.Max(row => row[column].Length))];
        var text = new StringBuilder().AppendLine(Machine.Facts(settings)).AppendLine();
        for (var row = 0; row < rows.Count; row++)
        {
            AppendRow(text, rows[row], widths);
            if (row == 0)
            {
                AppendRow(text, [.. widths.Select(width => new string('-', Math.Max(3, width)))], widths);
            }
        }

        text.AppendLine().AppendLine(
            $"Median of {settings.Runs} interleaved runs of {(cpu ? "the process's CPU time" : "the time on the clock")}; "
            + "in brackets MicroSpark's time over theirs: below 1, MicroSpark is faster.");
        if (asDocument)
        {
            text.AppendLine();
            foreach (var workload in measured)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- **{workload.Name}**: {workload.Description}");
            }
        }

        return text.ToString();
    }

    /// <summary>One workload's figures as soon as they are there.</summary>
    public static string Line(Measured workload) => $"{workload.Name}: {string.Join(", ", workload.Results.Select(result => $"{result.Contender} {Duration(result.Median)} (CPU {Duration(result.Cpu)})"))}";

    public static string Json(IReadOnlyList<Measured> measured, Settings settings) => JsonSerializer.Serialize(
        new
        {
            Machine = Machine.Facts(settings),
            settings.Runs,
            settings.Threads,
            settings.Scale,
            Workloads = measured.Select(workload => new
            {
                workload.Name,
                workload.Description,
                workload.Error,
                AtLeast = workload.AtLeast.Select(bound => new { Verdict = bound.Verdict(workload.Results), Met = bound.IsMet(workload.Results) }),
                Goal = workload.Goal.Select(bound => new { Verdict = bound.Verdict(workload.Results), Met = bound.IsMet(workload.Results) }),
                workload.Results,
            }),
        },
        Indented);

    private static string[] Row(Measured workload, bool cpu)
    {
        var results = workload.Results;
        if (workload.Error is not null)
        {
            return [workload.Name, "FAILED", .. Peers.Select(_ => ""), workload.Error.ReplaceLineEndings(" "), "MISSED", "MISSED"];
        }

        var ours = results.Single(result => result.Contender == Contender.Ours);
        return
        [
            workload.Name,
            ours.PeakMegabytes is { } peak ? $"{Duration(Time(ours))}, peak {Number(peak)} MB" : Duration(Time(ours)),
            .. Peers.Select(peer => results.FirstOrDefault(result => result.Contender == peer) is { } theirs ? Cell(theirs) : ""),
            string.Join("; ", results.Where(other => other != ours && !Peers.Contains(other.Contender)).Select(other => $"{other.Contender} {Cell(other)}")
                .Concat(ours.Note is { } note ? [note] : [])),
            string.Join("; ", workload.AtLeast.Select(bound => bound.Verdict(results))),
            string.Join("; ", workload.Goal.Select(bound => bound.Verdict(results))),
        ];

        string Cell(Result theirs) => $"{Duration(Time(theirs))} ({(Time(ours) / Time(theirs)).ToString("0.00", CultureInfo.InvariantCulture)}x)";

        double Time(Result result) => cpu ? result.Cpu : result.Median;
    }

    private static string Duration(double milliseconds) => milliseconds >= 10_000 ? $"{Number(milliseconds / 1000)} s" : $"{Number(milliseconds)} ms";

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private static void AppendRow(StringBuilder text, string[] cells, int[] widths)
    {
        text.Append("| ").Append(cells[0].PadRight(widths[0]));
        for (var column = 1; column < cells.Length; column++)
        {
            text.Append(" | ").Append(column < cells.Length - 3 ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        }

        text.AppendLine(" |");
    }
}

/// <summary>What the figures depend on besides the code.</summary>
internal static class Machine
{
    public static string Facts(Settings settings) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {Environment.ProcessorCount} cores of which {settings.Threads} used, "
        + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, "
        + $"{(GCSettings.IsServerGC ? "server" : "workstation")} GC ({GCSettings.LatencyMode}), scale {settings.Scale}. "
        + $"Command: `{Command()}`");

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var model = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return model?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Command() =>
        string.Join(' ', ["dotnet run -c Release --project bench --", .. Environment.GetCommandLineArgs().Skip(1)]);
}
