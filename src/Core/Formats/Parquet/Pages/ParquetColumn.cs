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
    private readonly ColumnPages _pages = new(input, chunk, leaf, longest);
    private int _pageLeft;
    private int _levels;

    /// <summary>The definition levels of the batch; empty when there can be no null.</summary>
    public byte[] Def { get; private set; } = [];

    /// <summary>The repetition levels of the batch, and a 0 behind them; empty when there are no lists.</summary>
    public byte[] Rep { get; private set; } = [];

    /// <summary>How many levels the batch has.</summary>
    public int Levels { get; private set; }

    /// <summary>How many values the batch has.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the largest value so far, where values may take more than the file has for them.</summary>
    public virtual int Largest => 0;

    /// <summary>Bytes that a value takes at least.</summary>
    protected virtual int Width => 0;

    protected ParquetLeafNode Leaf => leaf;

    protected string File => input.File.Path;

    /// <summary>The next rows.</summary>
    /// <exception cref="InvalidDataException">The file's bytes are wrong; the message has the file, the column and the place.</exception>
    public void Read(int rows)
    {
        try
        {
            Discard();
            if (leaf.Rep == 0)
            {
                ReadFlat(rows);
            }
            else
            {
                ReadNested(rows);
            }

            Count = leaf.Def == 0 ? Levels : Def.AsSpan(0, Levels).Count((byte)leaf.Def);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Called when all rows were read.</summary>
    /// <exception cref="InvalidDataException">The column has more of them.</exception>
    public void End()
    {
        if (_levels > Levels || _pageLeft > 0 || _pages.Seen < chunk.Values)
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

    protected abstract void ReadValues(int count);

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
            Rep.AsSpan(Levels, _levels).CopyTo(Rep);
            Def.AsSpan(Levels, _levels).CopyTo(Def);
        }

        (Levels, Count) = (0, 0);
    }

    private void ReadFlat(int rows)
    {
        while (_levels < rows)
        {
            Append(rows - _levels);
        }

        Levels = rows;
    }

    private void ReadNested(int rows)
    {
        var begun = 0;
        for (var at = 0; ;)
        {
            for (; at < _levels; at++)
            {
                if (Rep[at] == 0 && begun++ == rows)
                {
                    Levels = at;
                    return;
                }
            }

            if (_pageLeft == 0 && _pages.Seen >= chunk.Values && begun == rows)
            {
                Levels = _levels;
                Room(_levels + 1);
                Rep[_levels] = 0;
                return;
            }

            if ((long)_levels * (Width + 2) > longest)
            {
                throw new InvalidDataException(
                    $"expected rows of at most {longest} bytes (MicroSpark:MaxLineSize), found a longer one: raise it on the workers if it "
                    + "is meant");
            }

            Append(Step);
            if (Rep[0] != 0)
            {
                throw new InvalidDataException("expected the start of a row, found the middle of one");
            }
        }
    }

    private void Append(int most)
    {
        while (_pageLeft == 0)
        {
            NextPage();
        }

        var count = Math.Min(most, _pageLeft);
        Room(_levels + count + 1);
        if (leaf.Rep > 0)
        {
            _pages.ReadRep(Rep.AsSpan(_levels, count));
        }

        var present = count;
        if (leaf.Def > 0)
        {
            var levels = Def.AsSpan(_levels, count);
            _pages.ReadDef(levels);
            present = levels.Count((byte)leaf.Def);
        }

        ReadValues(present);
        _levels += count;
        _pageLeft -= count;
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
