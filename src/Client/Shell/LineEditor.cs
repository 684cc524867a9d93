using System.Text;

namespace MicroSpark.Client.Shell;

/// <summary>
/// Reads what is typed at a terminal: cursor keys, history, completion, several lines. Keys are those of Emacs and of every shell.
/// </summary>
/// <param name="isComplete">Whether Enter ends the input, or begins another line.</param>
internal sealed class LineEditor(TextWriter screen, History history, Completer completer, Func<string, bool> isComplete)
{
    private const string Prompt = "spark> ";
    private const string Continued = "     | ";
    private const int MostNames = 60;

    private readonly EditBuffer _buffer = new();
    private int _rowOfCursor;

    /// <summary>The next input; null when the user ends the session (Ctrl-D), empty when he gives up what he typed (Ctrl-C).</summary>
    public string? Read()
    {
        _buffer.Set("");
        _rowOfCursor = 0;
        Console.TreatControlCAsInput = true;
        try
        {
            Draw();
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                switch (On(key))
                {
                    case Outcome.Entered:
                        var text = _buffer.Text;
                        Leave();
                        if (text.Trim().Length > 0)
                        {
                            history.Add(text);
                        }

                        return text;
                    case Outcome.GivenUp:
                        Leave();
                        return "";
                    case Outcome.Ended:
                        Leave();
                        return null;
                    default:
                        // What was pasted arrives as many keys: it is drawn once.
                        if (!Console.KeyAvailable)
                        {
                            Draw();
                        }

                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private enum Outcome
    {
        Goes,
        Entered,
        GivenUp,
        Ended,
    }

    private Outcome On(ConsoleKeyInfo key)
    {
        var control = (key.Modifiers & ConsoleModifiers.Control) != 0;
        var alt = (key.Modifiers & ConsoleModifiers.Alt) != 0;
        switch (key.Key)
        {
            case ConsoleKey.C when control:
                return Outcome.GivenUp;
            case ConsoleKey.D when control && _buffer.IsEmpty:
                return Outcome.Ended;
            case ConsoleKey.Enter or ConsoleKey.J when key.Key == ConsoleKey.Enter || control:
                if (!alt && (_buffer.Text.Trim().Length == 0 || isComplete(_buffer.Text)))
                {
                    return Outcome.Entered;
                }

                _buffer.Insert("\n");
                break;
            case ConsoleKey.Tab:
                Complete();
                break;
            case ConsoleKey.UpArrow when !_buffer.Up():
            case ConsoleKey.P when control:
                Recall(history.Previous(_buffer.Text));
                break;
            case ConsoleKey.DownArrow when !_buffer.Down():
            case ConsoleKey.N when control:
                Recall(history.Next());
                break;
            default:
                Edit(key, control, alt);
                break;
        }

        return Outcome.Goes;
    }

    private void Edit(ConsoleKeyInfo key, bool control, bool alt)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace when control || alt:
            case ConsoleKey.W when control:
                _buffer.KillWord();
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                _buffer.Backspace();
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                _buffer.Delete();
                break;
            case ConsoleKey.LeftArrow when control || alt:
            case ConsoleKey.B when alt:
                _buffer.WordLeft();
                break;
            case ConsoleKey.RightArrow when control || alt:
            case ConsoleKey.F when alt:
                _buffer.WordRight();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                _buffer.Left();
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                _buffer.Right();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _buffer.Home();
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _buffer.End();
                break;
            case ConsoleKey.K when control:
                _buffer.KillToEnd();
                break;
            case ConsoleKey.U when control:
                _buffer.KillToStart();
                break;
            case ConsoleKey.Y when control:
                _buffer.Yank();
                break;
            case ConsoleKey.L when control:
                screen.Write("\e[H\e[2J");
                _rowOfCursor = 0;
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _buffer.Insert(key.KeyChar.ToString());
                }

                break;
        }
    }

    private void Recall(string? entry)
    {
        if (entry is not null)
        {
            _buffer.Set(entry);
        }
    }

    private void Complete()
    {
        if (_buffer.Text[.._buffer.Cursor].Split('\n')[^1].Trim().Length == 0)
        {
            _buffer.Insert("    ");
            return;
        }

        var (start, names) = completer.Complete(_buffer.Text, _buffer.Cursor);
        if (names.Count == 0)
        {
            return;
        }

        var common = Completer.CommonPrefix(names);
        if (common.Length > _buffer.Cursor - start || names.Count == 1)
        {
            _buffer.Replace(start, common);
            return;
        }

        // Nothing certain is left to add: show what there is, and the input again below it.
        Leave();
        screen.WriteLine(string.Join("  ", names.Take(MostNames)) + (names.Count > MostNames ? $"  … {names.Count - MostNames} more" : ""));
    }

    /// <summary>Draws the input over itself and puts the cursor where it belongs.</summary>
    private void Draw()
    {
        var drawing = new StringBuilder();
        GoToTop(drawing);
        drawing.Append("\e[J").Append(Prompt).Append(_buffer.Text.Replace("\n", "\r\n" + Continued, StringComparison.Ordinal));

        // A terminal that is exactly full has not wrapped yet: the blank makes it, so that rows are what they are counted as.
        drawing.Append(" \b");
        var (endRow, _) = Place(_buffer.Text.Length);
        var (row, column) = Place(_buffer.Cursor);
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

    /// <summary>Ends the input on the screen, as it is now: what follows begins on a line of its own.</summary>
    private void Leave()
    {
        Draw();
        var (endRow, _) = Place(_buffer.Text.Length);
        screen.Write(endRow > _rowOfCursor ? $"\e[{endRow - _rowOfCursor}B\r\n" : "\r\n");
        screen.Flush();
        _rowOfCursor = 0;
    }

    private void GoToTop(StringBuilder drawing)
    {
        drawing.Append('\r');
        if (_rowOfCursor > 0)
        {
            drawing.Append($"\e[{_rowOfCursor}A");
        }
    }

    /// <summary>Where on the screen, from the input's first row, a position of the text is.</summary>
    private (int Row, int Column) Place(int position)
    {
        var width = Math.Max(1, Console.WindowWidth);
        var (row, column) = (0, Prompt.Length);
        foreach (var character in _buffer.Text.AsSpan(0, position))
        {
            (row, column) = character == '\n' ? (row + 1, Continued.Length)
                : column + 1 == width ? (row + 1, 0)
                : (row, column + 1);
        }

        return (row, column);
    }
}
