using System.Globalization;

namespace MicroSpark.Client.Shell;

/// <summary>The text that is being typed, of one or more lines, and where the cursor is in it. Knows no screen.</summary>
internal sealed class EditBuffer
{
    private string? _killed;

    public string Text { get; private set; } = "";

    /// <summary>Characters before the cursor.</summary>
    public int Cursor { get; private set; }

    public bool IsEmpty => Text.Length == 0;

    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Replaces what stands before the cursor, from <paramref name="start"/> on.</summary>
    public void Replace(int start, string text)
    {
        Text = string.Concat(Text.AsSpan(0, start), text, Text.AsSpan(Cursor));
        Cursor = start + text.Length;
    }

    public void Backspace() => Remove(Before(Cursor), Cursor - Before(Cursor));

    public void Delete() => Remove(Cursor, After(Cursor) - Cursor);

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void Home() => Cursor = LineStart(Cursor);

    public void End() => Cursor = LineEnd(Cursor);

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        while (Cursor < Text.Length && !char.IsLetterOrDigit(Text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < Text.Length && char.IsLetterOrDigit(Text[Cursor]))
        {
            Cursor++;
        }
    }

    public void KillWord() => Kill(WordStart(), Cursor);

    public void KillToEnd() => Kill(Cursor, LineEnd(Cursor));

    public void KillToStart() => Kill(LineStart(Cursor), Cursor);

    /// <summary>Brings back what was killed last.</summary>
    public void Yank() => Insert(_killed ?? "");

    /// <summary>Moves to the line above; false on the first.</summary>
    public bool Up()
    {
        var start = LineStart(Cursor);
        if (start == 0)
        {
            return false;
        }

        var above = LineStart(start - 1);
        Cursor = Math.Min(above + (Cursor - start), start - 1);
        return true;
    }

    /// <summary>Moves to the line below; false on the last.</summary>
    public bool Down()
    {
        var end = LineEnd(Cursor);
        if (end == Text.Length)
        {
            return false;
        }

        Cursor = Math.Min(end + 1 + (Cursor - LineStart(Cursor)), LineEnd(end + 1));
        return true;
    }

    /// <summary>What people take for one character may be several of the text.</summary>
    private int After(int at) => at == Text.Length ? at : at + StringInfo.GetNextTextElementLength(Text, at);

    private int Before(int at)
    {
        var before = 0;
        for (var next = 0; next < at; next = After(next))
        {
            before = next;
        }

        return before;
    }

    private int LineStart(int at) => at == 0 ? 0 : Text.LastIndexOf('\n', at - 1) + 1;

    private int LineEnd(int at) => Text.IndexOf('\n', at) is >= 0 and var end ? end : Text.Length;

    private int WordStart()
    {
        var at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(Text[at - 1]))
        {
            at--;
        }

        while (at > 0 && char.IsLetterOrDigit(Text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private void Kill(int start, int end)
    {
        _killed = Text[start..end];
        Remove(start, end - start);
    }

    private void Remove(int start, int count)
    {
        if (start >= 0 && count > 0 && start + count <= Text.Length)
        {
            Text = Text.Remove(start, count);
            Cursor = Math.Min(start, Text.Length);
        }
    }
}
