using System.Text;
using MicroSpark.Display;

namespace MicroSpark.Client.Shell;

/// <summary>Where on the screen the input stands: drawn over itself at each key, however many rows it takes.</summary>
internal sealed class InputArea(TextWriter screen)
{
    private const string Prompt = "spark> ";
    private const string Continued = "     | ";

    private int _rowOfCursor;

    private static int Width => Math.Max(1, Console.WindowWidth);

    /// <summary>Begins on a row of its own, also when what ran before did not end its line.</summary>
    public void Begin()
    {
        // Blanks as wide as the screen go on to the next row, unless the cursor was in the first column already.
        screen.Write(new string(' ', Width) + "\r");
        _rowOfCursor = 0;
    }

    /// <summary>Draws the input over itself and puts the cursor where it belongs.</summary>
    public void Draw(EditBuffer buffer)
    {
        var drawing = new StringBuilder("\r");
        if (_rowOfCursor > 0)
        {
            drawing.Append($"\e[{_rowOfCursor}A");
        }

        drawing.Append("\e[J").Append(Prompt).Append(buffer.Text.Replace("\n", "\r\n" + Continued, StringComparison.Ordinal));

        // A terminal that is exactly full has not wrapped yet: the blank makes it, so that rows are what they are counted as.
        drawing.Append(" \b");
        var (endRow, _) = Place(buffer.Text);
        var (row, column) = Place(buffer.Text.AsSpan(0, buffer.Cursor));
        if (endRow > row)
        {
            drawing.Append($"\e[{endRow - row}A");
        }

        drawing.Append('\r');
        if (column > 0)
        {
            drawing.Append($"\e[{column}C");
        }

        _rowOfCursor = row;
        screen.Write(drawing.ToString());
        screen.Flush();
    }

    /// <summary>Ends the input on the screen, as it is now. The next output begins on a row of its own.</summary>
    public void Leave(EditBuffer buffer)
    {
        Draw(buffer);
        var (endRow, _) = Place(buffer.Text);
        screen.Write(endRow > _rowOfCursor ? $"\e[{endRow - _rowOfCursor}B\r\n" : "\r\n");
        screen.Flush();
        _rowOfCursor = 0;
    }

    /// <summary>Leaves the input, writes some names below it, as many in a row as fit, and begins anew.</summary>
    public void List(EditBuffer buffer, IEnumerable<string> names)
    {
        Leave(buffer);
        var row = new StringBuilder();
        foreach (var name in names)
        {
            if (row.Length > 0 && row.Length + name.Length + 2 >= Width)
            {
                screen.WriteLine(row);
                row.Clear();
            }

            row.Append(row.Length > 0 ? "  " : "").Append(name);
        }

        screen.WriteLine(row);
    }

    public void Clear()
    {
        screen.Write("\e[H\e[2J");
        _rowOfCursor = 0;
    }

    /// <summary>Where on the screen, from the input's first row, the end of a text is.</summary>
    private static (int Row, int Column) Place(ReadOnlySpan<char> text)
    {
        var width = Width;
        var (row, column) = (0, Prompt.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                (row, column) = (row + 1, Continued.Length);
                continue;
            }

            // A wide character that does not fit goes to the next row as a whole.
            var wide = TextWidth.Of(rune);
            (row, column) = column + wide > width ? (row + 1, wide) : (row, column + wide);
            if (column == width)
            {
                (row, column) = (row + 1, 0);
            }
        }

        return (row, column);
    }
}
