using System.Text;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>What a terminal would show: text, carriage returns, and the few movements that a line editor and progress bars make.</summary>
internal sealed class Screen(int width)
{
    // A cell for each column; a wide character has the empty one behind it too.
    private readonly List<List<string>> _rows = [[]];
    private readonly StringBuilder _escape = new();
    private int _row;
    private int _column;
    private char _high;

    public string Text => string.Join('\n', _rows.Select(row => string.Concat(row).TrimEnd())).TrimEnd();

    /// <summary>The row with the cursor, up to the cursor.</summary>
    public string Typing => string.Concat(_rows[_row].Take(_column));

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
            case var high when char.IsHighSurrogate(high):
                _high = high;
                break;
            case var low when char.IsLowSurrogate(low):
                Put(new Rune(_high, low));
                break;
            case >= ' ':
                Put(new Rune(character));
                break;
        }
    }

    private void Put(Rune character)
    {
        var columns = character.Value is (>= 0x2E80 and <= 0xFFE6) or >= 0x1F300 ? 2 : 1;
        if (_column + columns > width)
        {
            _column = 0;
            MoveTo(_row + 1);
        }

        var row = _rows[_row];
        row.AddRange(Enumerable.Repeat(" ", Math.Max(0, _column + columns - row.Count)));
        row[_column] = character.ToString();
        if (columns == 2)
        {
            row[_column + 1] = "";
        }

        _column += columns;
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
                _rows[_row].RemoveRange(Math.Min(_column, _rows[_row].Count), Math.Max(0, _rows[_row].Count - _column));
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
        }
    }

    private void MoveTo(int row)
    {
        while (_rows.Count <= row)
        {
            _rows.Add([]);
        }

        _row = row;
    }
}
