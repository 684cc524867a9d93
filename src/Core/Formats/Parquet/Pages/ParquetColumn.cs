using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Formats.Parquet.Pages;

/// <summary>
/// A column of a row group, read a few rows at a time. Of each value, null and empty list it gives the levels, and of those that are there
/// the values, one after the other.
/// </summary>
/// <remarks>
/// The rows' number is what is asked for, not the values': where lists are, it reads on until the next row begins. What it has read too
/// much stays for the next call. So memory is for a few rows, whatever a row group or a run claims to hold.
/// </remarks>
internal abstract class ParquetColumn(ParquetInput input, int group, ParquetChunk chunk, ParquetLeafNode leaf, long longest) : IDisposable
{
    private const int Step = 1024;
    private const int LeastRoom = 64 << 10;
    private readonly ColumnPages _pages = new(input, chunk, leaf, longest);

    // Levels of the page that have not been read.
    private int _pageLeft;

    // Levels in the arrays with values, and behind them those whose values there was no room for.
    private int _levels;
    private int _ahead;

    // Bytes that the values since the batch before take outside of their array.
    private long _made;
    private int _rows;
    private int _rowsEnd;

    /// <summary>The definition levels of the batch; empty when there can be no null.</summary>
    public byte[] Def { get; private set; } = [];

    /// <summary>The repetition levels of the batch, and a 0 behind them; empty when there are no lists.</summary>
    public byte[] Rep { get; private set; } = [];

    /// <summary>How many levels the batch has.</summary>
    public int Levels { get; private set; }

    /// <summary>How many values the batch has.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that a value takes at least.</summary>
    protected virtual int Width => 0;

    protected ParquetLeafNode Leaf => leaf;

    protected string File => input.File.Path;

    /// <summary>
    /// Leaves the batch, and reads of the next rows as many as there is room for, one at least. What other columns have no room for stays
    /// for the next call.
    /// </summary>
    /// <param name="room">Bytes that the rows may take.</param>
    /// <returns>How many rows are there, at most as many as are asked for.</returns>
    /// <exception cref="InvalidDataException">The file's bytes are wrong; the message has the file, the column and the place.</exception>
    public int Fill(int rows, long room)
    {
        try
        {
            Discard();
            return _rows = leaf.Rep == 0 ? FillFlat(rows, room) : FillNested(rows, room);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Makes a batch of the first of the rows that are there.</summary>
    public void Take(int rows)
    {
        Levels = leaf.Rep == 0 ? rows : rows == _rows ? _rowsEnd : EndOf(rows);
        Count = leaf.Def == 0 ? Levels : Def.AsSpan(0, Levels).Count((byte)leaf.Def);
    }

    /// <summary>Called when all rows were read.</summary>
    /// <exception cref="InvalidDataException">The column has more of them.</exception>
    public void End()
    {
        if (_levels > Levels || _ahead > 0 || _pageLeft > 0 || _pages.Seen < chunk.Values)
        {
            throw Damaged(
                $"expected as many rows as the row group has, found more: {_pages.Seen} of {chunk.Values} values were read", null);
        }
    }

    /// <summary>Called when the batch has been made into elements: all columns must have told of the same lists.</summary>
    /// <param name="level">How many levels were used.</param>
    /// <param name="value">How many values were used.</param>
    public void Used(int level, int value)
    {
        if (level != Levels || value != Count)
        {
            throw Damaged(
                $"expected {Levels} levels and {Count} values, as other columns of its group say, found {level} and {value}", null);
        }
    }

    public InvalidDataException Damaged(string found, Exception? inner) =>
        ParquetErrors.Damaged(File, group, leaf.Path, _pages.At, found, inner);

    public virtual void Dispose() => _pages.Dispose();

    protected abstract void OpenDictionary(ArraySegment<byte> page, int count);

    protected abstract void OpenPage(ArraySegment<byte> page, PageEncoding encoding);

    /// <returns>How many were read: all, or those that took up the room, and one at least.</returns>
    protected abstract int ReadValues(int count, ref long room);

    protected abstract void DiscardValues(int count);

    // The libraries for compression have exceptions of their own. What the file system says stays as it is.
    private bool IsDamage(Exception e) =>
        e is not (OperationCanceledException or OutOfMemoryException or IOException or UnauthorizedAccessException)
        && !e.Message.Contains(File, StringComparison.Ordinal);

    private void Discard()
    {
        DiscardValues(Count);
        _levels -= Levels;
        if (leaf.Rep > 0)
        {
            Rep.AsSpan(Levels, _levels + _ahead).CopyTo(Rep);
        }

        if (leaf.Def > 0)
        {
            Def.AsSpan(Levels, _levels + _ahead).CopyTo(Def);
        }

        (Levels, Count, _made) = (0, 0, 0);
    }

    private int FillFlat(int rows, long room)
    {
        while (_levels < rows && (_levels == 0 || _made < room))
        {
            Append(rows - _levels, room - _made);
        }

        return Math.Min(rows, _levels);
    }

    // A row has ended when the next one begins.
    private int FillNested(int rows, long room)
    {
        room = Math.Min(room, longest);
        var (begun, last) = (0, 0);
        for (var at = 0; ;)
        {
            for (; at < _levels; at++)
            {
                if (Rep[at] != 0)
                {
                    continue;
                }

                if (begun == rows)
                {
                    _rowsEnd = at;
                    return rows;
                }

                (begun, last) = (begun + 1, at);
            }

            if (begun == rows && _ahead == 0 && _pageLeft == 0 && _pages.Seen >= chunk.Values)
            {
                Room(_levels + 1);
                Rep[_levels] = 0;
                _rowsEnd = _levels;
                return rows;
            }

            var used = _made + ((long)_levels * (Width + 2));
            if (begun > 1 && used >= room)
            {
                _rowsEnd = last;
                return begun - 1;
            }

            if (used > longest)
            {
                throw new InvalidDataException(
                    $"expected rows of at most {longest} bytes (MicroSpark:MaxLineSize), found a longer one: raise it on the workers if it "
                    + "is meant");
            }

            Append(Step, Math.Max(room - used, LeastRoom));
            if (Rep[0] != 0)
            {
                throw new InvalidDataException("expected the start of a row, found the middle of one");
            }
        }
    }

    private int EndOf(int rows)
    {
        var at = 0;
        for (; rows > 0; rows--)
        {
            at += 1 + Rep.AsSpan(at + 1).IndexOf((byte)0);
        }

        return at;
    }

    private void Append(int most, long room)
    {
        if (_ahead == 0)
        {
            ReadLevels(most);
        }

        var count = Math.Min(most, _ahead);
        var levels = leaf.Def == 0 ? default : Def.AsSpan(_levels, count);
        var present = leaf.Def == 0 ? count : levels.Count((byte)leaf.Def);
        var left = room;
        var read = ReadValues(present, ref left);
        _made += room - left;
        if (read < present)
        {
            count = leaf.Def == 0 ? read : PlaceOf(read, levels);
        }

        _levels += count;
        _ahead -= count;
    }

    private void ReadLevels(int most)
    {
        while (_pageLeft == 0)
        {
            NextPage();
        }

        _ahead = Math.Min(most, _pageLeft);
        _pageLeft -= _ahead;
        Room(_levels + _ahead + 1);
        if (leaf.Rep > 0)
        {
            _pages.ReadRep(Rep.AsSpan(_levels, _ahead));
        }

        if (leaf.Def > 0)
        {
            _pages.ReadDef(Def.AsSpan(_levels, _ahead));
        }
    }

    // The level of the value behind so many.
    private int PlaceOf(int value, ReadOnlySpan<byte> levels)
    {
        for (var i = 0; ; i++)
        {
            if (levels[i] == leaf.Def && value-- == 0)
            {
                return i;
            }
        }
    }

    private void NextPage()
    {
        if (!_pages.Next())
        {
            throw new InvalidDataException($"expected another row, found the end of the column after {_pages.Seen} values");
        }

        if (_pages.Kind == PageKind.Dictionary)
        {
            OpenDictionary(_pages.Values, _pages.Count);
        }
        else
        {
            _pageLeft = _pages.Count;
            OpenPage(_pages.Values, _pages.Encoding);
        }
    }

    private void Room(int levels)
    {
        if (leaf.Def > 0 && Def.Length < levels)
        {
            Def = Grown(Def, _levels, levels);
        }

        if (leaf.Rep > 0 && Rep.Length < levels)
        {
            Rep = Grown(Rep, _levels, levels);
        }
    }

    protected static T[] Grown<T>(T[] array, int used, int wanted)
    {
        var grown = new T[Math.Max(wanted, Math.Max(Step + 1, 2 * array.Length))];
        array.AsSpan(0, used).CopyTo(grown);
        return grown;
    }
}
