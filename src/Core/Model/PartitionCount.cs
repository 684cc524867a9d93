namespace MicroSpark.Model;

/// <summary>What every operator asks of a number of partitions.</summary>
internal static class PartitionCount
{
    /// <summary>Refuses a count below 1; null leaves the choice to the operator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static void Ensure(int? partitions)
    {
        if (partitions < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(partitions), partitions, "A partition count must be 1 or more.");
        }
    }
}
