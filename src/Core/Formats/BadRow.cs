namespace MicroSpark;

/// <summary>What a typed source does with a row (of a CSV file) or line (of a JSON file) that cannot be read as an element.</summary>
public enum BadRows
{
    /// <summary>The job fails; the error names file, row, column, what was expected and what was found.</summary>
    Fail,

    /// <summary>
    /// The row is left out. <c>CsvBadRows</c> and <c>JsonBadRows</c>, called with the same arguments, give the rows left out, to be counted
    /// or saved.
    /// </summary>
    Skip,
}

/// <summary>A row that could not be read as an element.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Offset">Where the row starts in the (decompressed) file, in bytes.</param>
/// <param name="Column">The column, or the path in a JSON value, that is at fault; null when it is the row as a whole.</param>
/// <param name="Problem">What was expected and what was found.</param>
/// <param name="Text">The row as it stands in the file, without its line end.</param>
public sealed record BadRow(string File, long Offset, string? Column, string Problem, string Text);
