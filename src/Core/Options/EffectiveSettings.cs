namespace MicroSpark;

/// <summary>What one silo works with once the defaults that depend on the machine and on the mode are filled in.</summary>
/// <param name="MemoryBudget">Bytes.</param>
internal sealed record EffectiveSettings(int Slots, long MemoryBudget, int MaxTaskFailures)
{
    /// <param name="silosInProcess">They share the process's cores and memory.</param>
    /// <param name="embedded">A bug on one's own laptop should show at its first throw, not after four.</param>
    public static EffectiveSettings Of(MicroSparkOptions options, int silosInProcess, bool embedded)
    {
        var slots = options.Slots ?? Math.Max(1, Environment.ProcessorCount / silosInProcess);
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6 / silosInProcess;
        var memory = options.MemoryBudget is { } text && ByteSize.TryParse(text, out var bytes) ? bytes : available;
        return new EffectiveSettings(slots, Math.Max(memory, OptionsValidator.SmallestMemoryBudget), options.Retry.MaxTaskFailures ?? (embedded ? 1 : 4));
    }
}
