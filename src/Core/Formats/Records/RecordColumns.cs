namespace MicroSpark.Formats.Records;

/// <summary>Which column of a file each member is read from.</summary>
internal static class RecordColumns
{
    /// <summary>By ordinal of the member; -1 for an optional one that the file does not have.</summary>
    /// <param name="header">The file's header; null when it has none.</param>
    /// <exception cref="InvalidDataException">The file lacks a column, or has several that fit a member.</exception>
    public static int[] Match(IReadOnlyList<RecordMember> members, bool byPosition, string[]? header, string file)
    {
        var columns = new int[members.Count == 0 ? 0 : members.Max(static m => m.Ordinal) + 1];
        Array.Fill(columns, -1);
        var place = 0;
        foreach (var member in members)
        {
            columns[member.Ordinal] = header is null || byPosition ? place++ : Find(member, header, file);
        }

        return columns;
    }

    private static int Find(RecordMember member, string[] header, string file)
    {
        var exact = Unique(member, header, static (name, column) => name == column, file);
        var column = exact >= 0
            ? exact
            : Unique(member, header, static (name, column) => Letters(name).SequenceEqual(Letters(column)), file);
        return column >= 0 || member.IsOptional ? column : throw new InvalidDataException(
            $"'{file}' has no column '{member.Name}'; its columns are {string.Join(", ", header.Select(static name => $"'{name}'"))}. "
            + $"Name the member after its column, "
            + "with [JsonPropertyName(\"...\")] if need be, or give the constructor's parameter a default value.");
    }

    private static int Unique(RecordMember member, string[] header, Func<string, string, bool> fits, string file)
    {
        var found = Array.FindIndex(header, column => fits(member.Name, column));
        return found < 0 || Array.FindIndex(header, found + 1, column => fits(member.Name, column)) < 0
            ? found
            : throw new InvalidDataException(
            $"'{file}' has several columns that fit '{member.Name}': {string.Join(", ", header.Select(static name => $"'{name}'"))}. "
            + $"Rename them, or read them as a tuple, by position.");
    }

    // unit_price, "Unit Price" and UnitPrice are one name.
    private static IEnumerable<char> Letters(string name) => name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant);
}
