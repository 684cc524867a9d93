namespace MicroSpark;

/// <summary>How JSON files are laid out, and what happens to values that cannot be read.</summary>
public sealed record JsonFileOptions
{
    /// <summary>
    /// Whether a file is one JSON array of elements, read as one partition, instead of one JSON value a line (the default). Files that are
    /// saved have a value a line.
    /// </summary>
    public bool IsArray { get; init; }

    /// <summary>What happens to a line (or array item) that cannot be read as an element. By default the job fails.</summary>
    public BadRows BadRows { get; init; } = BadRows.Fail;

    /// <summary>
    /// How many partitions there should be at least; 1 or more. By default large files are cut into as many as the context's default
    /// parallelism, none of them below 4 MB, or above 128 MB.
    /// </summary>
    public int? MinPartitions { get; init; }

    /// <summary>How files that are saved are compressed; none by default. Reading goes by the file's name.</summary>
    public Compression Compression { get; init; } = Compression.None;
}
