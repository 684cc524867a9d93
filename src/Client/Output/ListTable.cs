using MicroSpark.Display;
using Spectre.Console;

namespace MicroSpark.Client.Output;

/// <summary>A table of a listing: one line for each row, on a narrow screen too.</summary>
internal static class ListTable
{
    /// <summary>A log or a pipe has no width.</summary>
    private const int WidthOfPipe = 1000;

    private const int Gap = 3;
    private const int Margin = 2;
    private const int NarrowestLast = 10;

    public static void Write(TextWriter output, string[] columns, IEnumerable<string[]> rows) =>
        Write(output, columns, [.. rows], Console.IsOutputRedirected ? WidthOfPipe : Console.WindowWidth);

    /// <summary>
    /// Fits a table to the screen. When it is too wide, empty columns (zeros, blanks) go first, except the leftmost one. Then the last
    /// column is cut. Cells are never broken: the terminal wraps what is still too wide.
    /// </summary>
    public static void Write(TextWriter output, string[] columns, string[][] rows, int width)
    {
        // Names are anybody's choice, and so are texts of errors.
        rows = Array.ConvertAll(rows, static row => Array.ConvertAll(row, static cell => VisibleText.Of(cell)));
        var shown = Enumerable.Range(0, columns.Length).ToArray();
        if (Total(shown) > width)
        {
            shown = [.. shown.Where(c => c == 0 || rows.Any(row => TellsSomething(row[c])))];
        }

        var last = shown.Length == 0 ? 0 : Math.Max(NarrowestLast, WidthOf(shown[^1]) - Math.Max(0, Total(shown) - width));
        using var drawn = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(drawn),
        });
        console.Profile.Width = WidthOfPipe;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var c in shown)
        {
            table.AddColumn(new TableColumn(new Text(columns[c])).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow(shown.Select(c => new Text(c == shown[^1] ? ValueText.Short(row[c], last) : row[c])));
        }

        console.Write(table);
        foreach (var line in drawn.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }

        int WidthOf(int column) => rows.Select(row => TextWidth.Of(row[column])).Append(columns[column].Length).Max();
        int Total(int[] of) => Margin + of.Sum(c => WidthOf(c) + Gap);
    }

    private static bool TellsSomething(string cell) => cell is not ("" or "0" or "0 B");
}
