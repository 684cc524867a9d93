namespace MicroSpark.Options;

/// <summary>What one silo works with once the defaults that depend on the machine and on the mode are filled in.</summary>
/// <param name="MemoryBudget">Bytes.</param>
/// <param name="BudgetIsGiven">Whether the budget is a setting, or this process's part of what there is
/// (<see cref="DefaultBudget"/>).</param>
internal sealed record EffectiveSettings(int Slots, long MemoryBudget, bool BudgetIsGiven, int MaxTaskFailures)
{
    /// <param name="silosInProcess">They share the process's cores and memory.</param>
    /// <param name="embedded">Whether the silos are part of one program.</param>
    public static EffectiveSettings Of(MicroSparkOptions options, int silosInProcess, bool embedded)
    {
        var slots = options.Slots ?? Math.Max(1, Environment.ProcessorCount / silosInProcess);
        long? given = options.MemoryBudget is { } text && ByteSize.TryParse(text, out var bytes)
            ? Math.Max(bytes, OptionsValidator.SmallestMemoryBudget)
            : null;
        return new EffectiveSettings(
            slots, given ?? DefaultBudget(silosInProcess), given is not null, MaxTaskFailuresOf(options, embedded));
    }

    /// <summary>A bug on one's own laptop should show at its first throw, not after four.</summary>
    public static int MaxTaskFailuresOf(MicroSparkOptions options, bool embedded) => options.Retry.MaxTaskFailures ?? (embedded ? 1 : 4);

    /// <summary>Bytes that the results of one action may take in the client.</summary>
    public static long MaxResultSizeOf(MicroSparkOptions options) =>
        options.MaxResultSize is { } text && ByteSize.TryParse(text, out var bytes)
            ? bytes
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Bytes of the longest line that a task reads.</summary>
    public static long MaxLineSizeOf(MicroSparkOptions options) =>
        options.MaxLineSize is { } text && ByteSize.TryParse(text, out var bytes)
            ? bytes
            : Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, 64L << 20);

    /// <summary>One worker's part when so many share what this process may use.</summary>
    public static long DefaultBudget(int workers) =>
        Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6 / workers, OptionsValidator.SmallestMemoryBudget);
}
