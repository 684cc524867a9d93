namespace MicroSpark.Client.Shell;

/// <summary>
/// Reads what is typed at a terminal: cursor keys, history, completion, several lines. Keys are those of Emacs and of every shell.
/// </summary>
/// <param name="isComplete">Whether Enter ends the input, or begins another line.</param>
internal sealed class LineEditor(TextWriter screen, History history, Completer completer, Func<string, bool> isComplete)
{
    private const int MostNames = 60;

    private readonly EditBuffer _buffer = new();
    private readonly InputArea _area = new(screen);

    /// <summary>The next input; null when the user ends the session (Ctrl-D), empty when he gives up what he typed (Ctrl-C).</summary>
    public string? Read()
    {
        _buffer.Set("");
        Console.TreatControlCAsInput = true;
        try
        {
            _area.Begin();
            _area.Draw(_buffer);
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                switch (On(key))
                {
                    case Outcome.Entered:
                        var text = _buffer.Text;
                        _area.Leave(_buffer);
                        if (text.Trim().Length > 0)
                        {
                            history.Add(text);
                        }

                        return text;
                    case Outcome.GivenUp:
                        _area.Leave(_buffer);
                        return "";
                    case Outcome.Ended:
                        _area.Leave(_buffer);
                        return null;
                    default:
                        // What was pasted arrives as many keys: it is drawn once.
                        if (!Console.KeyAvailable)
                        {
                            _area.Draw(_buffer);
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
                if (!alt && (_buffer.Text.Trim().Length == 0 || isComplete(_buffer.Text) || IsGivenUpOn()))
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

    /// <summary>
    /// An empty line ends what only wants a semicolon, and gives it one. Not when more keys are there already: then it is part of something
    /// pasted.
    /// </summary>
    private bool IsGivenUpOn()
    {
        var text = _buffer.Text;
        var whole = text.TrimEnd() + ";";
        if (_buffer.Cursor < text.Length || text[(text.LastIndexOf('\n') + 1)..].Trim().Length > 0 || Console.KeyAvailable
            || !isComplete(whole))
        {
            return false;
        }

        _buffer.Set(whole);
        return true;
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
                _area.Clear();
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
        _area.List(_buffer, names.Count > MostNames ? names.Take(MostNames).Append($"… {names.Count - MostNames} more") : names);
    }
}
