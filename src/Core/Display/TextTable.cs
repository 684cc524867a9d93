namespace MicroSpark.Display;

/// <summary>Rows of text in columns that are as wide as their longest cell: numbers to the right, all else to the left.</summary>
internal sealed class TextTable(IReadOnlyList<string> columns)
{
    private const int WidestCell = 60;
    private const string Gap = "  ";

    private readonly List<(string Text, bool? IsNumber)[]> _rows = [];

    /// <summary>Adds a row of values, one for each column.</summary>
    public void Add(IReadOnlyList<object?> values) =>
        _rows.Add(
            [.. values.Select(value => (ValueText.Short(value, WidestCell), value is null ? (bool?)null : ValueText.IsNumber(value)))]);

    /// <summary>The header, a rule and the rows; a line each, none of them ending in blanks.</summary>
    /// <param name="width">Of the screen: columns beyond it follow below, with a header of their own.</param>
    public void Write(TextWriter output, int width = int.MaxValue)
    {
        var widths = columns.Select(
            (name, c) => Math.Max(TextWidth.Of(name), _rows.Select(row => TextWidth.Of(row[c].Text)).DefaultIfEmpty().Max())).ToArray();

        // Nulls stand where the others do.
        var right = columns.Select(
            (_, c) => _rows.Exists(row => row[c].IsNumber == true) && _rows.TrueForAll(row => row[c].IsNumber != false)).ToArray();
        for (int first = 0, next; first < columns.Count; first = next)
        {
            next = first + 1;
            for (var taken = widths[first]; next < columns.Count && taken + Gap.Length + widths[next] <= width; next++)
            {
                taken += Gap.Length + widths[next];
            }

            if (first > 0)
            {
                output.WriteLine();
            }

            WriteRow(c => columns[c]);
            WriteRow(c => new string('-', widths[c]));
            foreach (var row in _rows)
            {
                WriteRow(c => row[c].Text);
            }

            void WriteRow(Func<int, string> cell) =>
                output.WriteLine(
                    string.Join(Gap, Enumerable.Range(first, next - first).Select(c => TextWidth.Pad(cell(c), widths[c], right[c])))
                        .TrimEnd());
        }
    }

    /// <summary>How wide a table may be there.</summary>
    public static int WidthOf(TextWriter output) => ReferenceEquals(output, Console.Out) ? WidthOfScreen() : int.MaxValue;

    public static int WidthOfScreen() => Console.IsOutputRedirected ? int.MaxValue : Math.Max(WidestCell, Console.WindowWidth);
}
