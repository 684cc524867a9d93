namespace MicroSpark.Bench;

/// <summary>What a process holds.</summary>
/// <param name="LiveBytes">After a whole collection.</param>
/// <param name="Handles">Open files and sockets; 0 where the system does not list them.</param>
internal sealed record Held(int Process, long Started, long LiveBytes, int Handles, int Threads)
{
    private const string OpenFiles = "/proc/self/fd";

    /// <summary>Tasks of a probe for each worker: as many that each worker takes one.</summary>
    private const int Probes = 8;

    public static Held OfThisProcess()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return new Held(
            Environment.ProcessId, self.StartTime.Ticks, GC.GetTotalMemory(forceFullCollection: true),
            Directory.Exists(OpenFiles) ? Directory.GetFiles(OpenFiles).Length : 0, self.Threads.Count);
    }

    /// <summary>What each worker holds that takes part in a small job, the oldest one first.</summary>
    public static async Task<Held[]> OfWorkersAsync(MicroSparkContext spark, int workers, CancellationToken cancellationToken = default)
    {
        using var group = spark.JobGroup("probe");
        var probes = await spark.Range(0, workers * Probes, partitions: workers * Probes).Map(static _ => OfThisProcess()).CollectAsync(cancellationToken);
        return [.. probes.GroupBy(static held => held.Process).Select(static of => of.MinBy(static held => held.LiveBytes)!).OrderBy(static held => held.Started)];
    }

    public override string ToString() => $"{LiveBytes / 1e6,5:0} MB {Handles,4} {Threads,3}";
}
