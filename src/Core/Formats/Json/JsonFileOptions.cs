namespace MicroSpark;

/// <summary>How JSON files are laid out, and what happens to values that cannot be read.</summary>
public sealed record JsonFileOptions
{
    /// <summary>
    /// Whether values span lines: a file is one JSON document, or several with white space between them, and is read as one partition.
    /// A document that is an array gives its items. By default a file has one JSON value a line, and large files are cut into partitions.
    /// </summary>
    public bool MultiLine { get; init; }

    /// <summary>
    /// Where the elements are in each document, as <c>$.features</c> or <c>$['my data'].rows</c>: an array there gives its items, any other
    /// value is one element. What the document holds besides is passed over, and no more than one element is in memory. Null by default.
    /// One that is set goes for <see cref="MultiLine"/> as well. Names match exactly; of members with one name, the first counts. A
    /// document without the path fails the job.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// Whether a file is one JSON array of elements, read as one partition, instead of one JSON value a line (the default). Files that are
    /// saved have a value a line. With <see cref="Path"/>, what stands there must be an array.
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

    /// <summary>Whether a file is read as a whole, since a value may span lines.</summary>
    internal bool HasDocuments => MultiLine || IsArray || Path is not null;
}
