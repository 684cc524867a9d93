namespace MicroSpark.Bench.Chaos;

/// <param name="Seed">Of all that is drawn. Moments are shares of measured times, so two runs of a seed are alike, not the same.</param>
/// <param name="Workers">Each with one slot.</param>
/// <param name="Kills">Disturbed rounds for each clean one of the same workload.</param>
/// <param name="Kinds">The faults that may be drawn; all when it is empty.</param>
/// <param name="Workloads">Parts of names; all when it is empty.</param>
/// <param name="Output">The folder of the report, and of what processes wrote in rounds that were not right.</param>
internal sealed record ChaosOptions(
    TimeSpan Duration, int Seed, int Workers, int Kills, IReadOnlyCollection<FaultKind> Kinds, IReadOnlyCollection<string> Workloads, string Output, int? Rounds = null);
