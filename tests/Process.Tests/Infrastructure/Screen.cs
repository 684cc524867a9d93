using System.Text;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>What a terminal would show: text, carriage returns, and the few movements that a line editor and progress bars make.</summary>
internal sealed class Screen(int width)
{
    private readonly List<StringBuilder> _rows = [new()];
    private readonly StringBuilder _escape = new();
    private int _row;
    private int _column;

    public string Text => string.Join('\n', _rows.Select(row => row.ToString().TrimEnd())).TrimEnd();

    /// <summary>The row with the cursor, up to the cursor.</summary>
    public string Typing => _rows[_row].ToString()[..Math.Min(_column, _rows[_row].Length)];

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            Write(character);
        }
    }

    private void Write(char character)
    {
        if (_escape.Length > 0)
        {
            _escape.Append(character);
            if (_escape.Length > 2 || character != '[')
            {
                Escape();
            }

            return;
        }

        switch (character)
        {
            case '\e':
                _escape.Append(character);
                break;
            case '\r':
                _column = 0;
                break;
            case '\n':
                MoveTo(_row + 1);
                break;
            case '\b':
                _column = Math.Max(0, _column - 1);
                break;
            case >= ' ':
                Put(character);
                break;
        }
    }

    private void Put(char character)
    {
        if (_column == width)
        {
            _column = 0;
            MoveTo(_row + 1);
        }

        var row = _rows[_row];
        row.Append(' ', Math.Max(0, _column + 1 - row.Length));
        row[_column++] = character;
    }

    /// <summary>Acts once the sequence is whole; unknown ones (modes, colours) are passed over.</summary>
    private void Escape()
    {
        var sequence = _escape.ToString();
        var final = sequence[^1];
        if (sequence[1] == '[' && final is not (>= '@' and <= '~'))
        {
            return;
        }

        _escape.Clear();
        if (sequence[1] != '[')
        {
            return;
        }

        var number = int.TryParse(sequence[2..^1], out var given) ? given : 1;
        switch (final)
        {
            case 'A':
                MoveTo(Math.Max(0, _row - number));
                break;
            case 'B':
                MoveTo(_row + number);
                break;
            case 'C':
                _column = Math.Min(width - 1, _column + number);
                break;
            case 'J' when sequence == "\e[J":
                _rows[_row].Length = Math.Min(_column, _rows[_row].Length);
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
        }
    }

    private void MoveTo(int row)
    {
        while (_rows.Count <= row)
        {
            _rows.Add(new StringBuilder());
        }

        _row = row;
    }
}
