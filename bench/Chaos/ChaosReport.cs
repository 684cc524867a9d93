using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MicroSpark.Bench.Chaos;

/// <summary>What a run has seen, as lines while it goes on and as a summary, and as JSON beside it.</summary>
internal sealed class ChaosReport(ChaosOptions options)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<RoundReport> _rounds = [];

    public void Add(RoundReport round)
    {
        _rounds.Add(round);
        Console.WriteLine(round);
    }

    /// <returns>The exit code.</returns>
    public int Conclude(TimeSpan elapsed, IReadOnlyList<HeldGrowth> growth)
    {
        var clean = _rounds.Where(static r => r.Fault is null && !r.IsFirst && r.End == RoundEnd.Right).GroupBy(static r => r.Workload)
            .ToDictionary(static of => of.Key, static of => Median(of.Select(static r => r.Took.TotalSeconds)) ?? 0);
        Figures[] kinds = [.. _rounds.Where(static r => r.Fault is not null).GroupBy(static r => $"{r.Fault}").OrderBy(static of => of.Key, StringComparer.Ordinal)
            .Select(of => FiguresOf(of.Key, [.. of], clean))];
        Figures[] workloads = [.. _rounds.GroupBy(static r => r.Workload)
            .Select(of => FiguresOf(of.Key, [.. of.Where(static r => r.Fault is FaultKind.Kill or FaultKind.KillMany)], clean))];
        var kills = _rounds.Where(static r => r.Fault is FaultKind.Kill or FaultKind.KillMany).Sum(static r => r.Victims.Split(',').Length);
        var (wrong, failed, hung) = (Count(RoundEnd.Wrong), Count(RoundEnd.Failed), Count(RoundEnd.Hung));
        var bad = wrong + failed + hung + growth.Count(static g => g.Grew);

        Console.WriteLine();
        Console.WriteLine($"seed {options.Seed}, {elapsed.TotalMinutes:0.0} minutes, {_rounds.Count} rounds, {kills} workers killed: {wrong} wrong, {failed} failed, {hung} hung");
        Console.WriteLine("fault          rounds   seconds   of clean   without detection   doubt   verdict   (medians)");
        foreach (var kind in kinds)
        {
            Console.WriteLine(kind);
        }

        Console.WriteLine("kill rounds by workload");
        foreach (var workload in workloads)
        {
            Console.WriteLine($"{workload}   clean {(clean.TryGetValue(workload.Name, out var seconds) ? seconds : 0):0.00} s");
        }

        foreach (var one in growth)
        {
            Console.WriteLine(one);
        }

        foreach (var round in _rounds.Where(static r => r.End != RoundEnd.Right))
        {
            Console.WriteLine(round);
        }

        Directory.CreateDirectory(options.Output);
        var json = Path.Join(options.Output, "report.json");
        File.WriteAllText(json, JsonSerializer.Serialize(
            new { options.Seed, Minutes = elapsed.TotalMinutes, Rounds = _rounds.Count, Kills = kills, wrong, failed, hung, kinds, workloads, clean, growth, all = _rounds }, s_json));
        Console.WriteLine($"{(bad == 0 ? "All is right" : "NOT RIGHT")}; {json}");
        return bad == 0 ? 0 : 1;
    }

    private int Count(RoundEnd end) => _rounds.Count(r => r.End == end);

    private static Figures FiguresOf(string name, RoundReport[] rounds, Dictionary<string, double> clean)
    {
        var right = rounds.Where(r => r.End == RoundEnd.Right && clean.ContainsKey(r.Workload)).ToArray();
        return new Figures(
            name, rounds.Length, Median(right.Select(static r => r.Took.TotalSeconds)), Median(right.Select(r => r.Took.TotalSeconds / clean[r.Workload])),
            Median(right.Select(r => (r.Took - (r.Doubt ?? TimeSpan.Zero)).TotalSeconds / clean[r.Workload])),
            Median(right.Where(static r => r.Doubt is not null).Select(static r => r.Doubt!.Value.TotalSeconds)),
            Median(right.Where(static r => r.Verdict is not null).Select(static r => r.Verdict!.Value.TotalSeconds)));
    }

    private static double? Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : null;

    /// <summary>Medians of some rounds.</summary>
    /// <param name="OfClean">A round's time as a part of what a clean one of its workload takes.</param>
    /// <param name="WithoutDetection">The same, when the time until doubt is left out.</param>
    private sealed record Figures(string Name, int Rounds, double? Seconds, double? OfClean, double? WithoutDetection, double? Doubt, double? Verdict)
    {
        public override string ToString() => $"{Name,-13} {Rounds,7} {Seconds,9:0.00} {OfClean,9:0.00}x {WithoutDetection,18:0.00}x {Doubt,7:0.00} {Verdict,9:0.00}";
    }
}
