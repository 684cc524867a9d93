using MicroSpark.Options;

namespace MicroSpark.Memory;

/// <summary>What one name may have of a silo's memory and disk, where its settings say so.</summary>
/// <param name="slots">Of the silo.</param>
internal sealed class OwnerQuota(OwnerLimits limits, int slots)
{
    private long _spilled;

    /// <summary>Its part of the budget, in which its tasks and blocks live as in a silo of that size; null for no limit.</summary>
    public MemoryBudget? Memory { get; } = limits.Memory is { } most ? new MemoryBudget(most, slots) : null;

    /// <summary>Bytes in its spill files.</summary>
    public long Spilled => Interlocked.Read(ref _spilled);

    /// <summary>So many bytes go to disk, unless they are too many.</summary>
    public bool TrySpill(long bytes)
    {
        var spilled = Interlocked.Add(ref _spilled, bytes);
        if (spilled <= (limits.Spill ?? long.MaxValue))
        {
            return true;
        }

        Interlocked.Add(ref _spilled, -bytes);
        return false;
    }

    /// <summary>A file of so many bytes is gone.</summary>
    public void Unspill(long bytes) => Interlocked.Add(ref _spilled, -bytes);

    /// <summary>The error of who wants more on disk than there may be.</summary>
    public SpillException SpilledTooMuch(long more) => new(
        $"What does not fit in memory cannot be written to disk: {limits.Name} may have {ByteSize.Show(limits.Spill ?? 0)} in the spill "
        + $"files of a worker ({limits.Setting}:MaxSpill), {ByteSize.Show(Spilled)} are there, and {ByteSize.Show(more)} more do not fit. "
        + "Unpersist what is of no more use, or let the workers' settings give it more.", null);
}
