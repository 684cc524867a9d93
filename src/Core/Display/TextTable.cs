using System.Text;

namespace MicroSpark.Display;

/// <summary>Rows of text in columns that are as wide as their longest cell: numbers to the right, all else to the left.</summary>
internal sealed class TextTable(IReadOnlyList<string> columns)
{
    private const int WidestCell = 60;
    private const string Gap = "  ";

    private readonly List<(string Text, bool IsNumber)[]> _rows = [];

    /// <summary>Adds a row of values, one for each column.</summary>
    public void Add(IReadOnlyList<object?> values) =>
        _rows.Add([.. values.Select(value => (ValueText.Short(value, WidestCell), ValueText.IsNumber(value)))]);

    /// <summary>The header, a rule and the rows; a line each, none of them ending in blanks.</summary>
    public void Write(TextWriter output)
    {
        var widths = columns.Select((name, c) => Math.Max(TextWidth.Of(name), _rows.Select(row => TextWidth.Of(row[c].Text)).DefaultIfEmpty().Max())).ToArray();
        var right = columns.Select((_, c) => _rows.Count > 0 && _rows.TrueForAll(row => row[c].IsNumber)).ToArray();
        WriteRow(output, columns, widths, right);
        WriteRow(output, [.. widths.Select(width => new string('-', width))], widths, right);
        foreach (var row in _rows)
        {
            WriteRow(output, [.. row.Select(cell => cell.Text)], widths, right);
        }
    }

    private static void WriteRow(TextWriter output, IReadOnlyList<string> cells, int[] widths, bool[] right)
    {
        var line = new StringBuilder();
        for (var c = 0; c < cells.Count; c++)
        {
            line.Append(c > 0 ? Gap : "").Append(TextWidth.Pad(cells[c], widths[c], right[c]));
        }

        output.WriteLine(line.ToString().TrimEnd());
    }
}
