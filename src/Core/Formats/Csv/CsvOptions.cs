namespace MicroSpark;

/// <summary>
/// How CSV files are laid out, and what happens to rows that cannot be read. The defaults are RFC 4180 with a header line.
/// </summary>
public sealed record CsvOptions
{
    /// <summary>
    /// Whether a file's first row names its columns (the default). They are matched with the element's members by name: exactly, else
    /// without regard to case and to anything but letters and digits. Without a header, and for tuples, they go by position.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>What separates fields: one ASCII character, a comma by default.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>What encloses a field that holds delimiters, quotes (doubled) or line ends. Always a double quote when saving.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>A line that starts with it is left out; null (the default) for files without comments.</summary>
    public char? Comment { get; init; }

    /// <summary>Whether spaces and tabs around fields are dropped; inside quotes they stay. False by default.</summary>
    public bool TrimWhitespace { get; init; }

    /// <summary>
    /// Texts that stand for null, such as <c>NULL</c> or <c>\N</c>. An empty field without quotes is null too, for members that are
    /// declared nullable; for others of type string it is the empty string. In a file with one column such a field is a blank line;
    /// elsewhere blank lines are no rows. The first of these texts is what null is saved as.
    /// </summary>
    public IReadOnlyList<string> NullValues { get; init; } = [];

    /// <summary>
    /// The name of the culture of numbers and dates, such as <c>de-DE</c>; empty (the default) for the invariant one. Group separators in
    /// numbers are read only with a named culture, and only where its groups are: else <c>1,5</c> would be 15.
    /// </summary>
    public string Culture { get; init; } = "";

    /// <summary>What happens to a row that cannot be read as an element. By default the job fails.</summary>
    public BadRows BadRows { get; init; } = BadRows.Fail;

    /// <summary>
    /// How many partitions there should be at least; 1 or more. By default large files are cut into as many as the context's default
    /// parallelism, none of them below 4 MB, or above 128 MB.
    /// </summary>
    public int? MinPartitions { get; init; }

    /// <summary>How files that are saved are compressed; none by default. Reading goes by the file's name.</summary>
    public Compression Compression { get; init; } = Compression.None;
}
