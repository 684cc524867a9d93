using System.Text;
using MicroSpark.Readers;

namespace MicroSpark.Files;

/// <summary>
/// The lines of a partition's splits: as strings in runs, or as their bytes in the files, for readers that need no string for each.
/// </summary>
internal sealed class LineReader : ChunkReader<string>
{
    private readonly string[] _lines = new string[256];
    private readonly ReadOnlyMemory<TextSplit> _splits;
    private readonly CancellationToken _cancellation;
    private readonly long _longest;
    private TextSplitReader _split;
    private int _opened;

    /// <param name="splits">At least one.</param>
    /// <param name="cancellation">Looked at once for each buffer read.</param>
    /// <param name="longest">The longest line in bytes.</param>
    public LineReader(ReadOnlyMemory<TextSplit> splits, CancellationToken cancellation, long longest)
    {
        _splits = splits;
        _longest = longest;
        _cancellation = cancellation;
        _split = OpenNext();
    }

    public override bool Next(int limit, out ReadOnlySpan<string> run)
    {
        var wanted = Math.Min(limit, _lines.Length);
        var count = 0;
        while (count < wanted && ReadLine(out var line, out var isAscii))
        {
            _lines[count++] = isAscii ? Encoding.Latin1.GetString(line) : Encoding.UTF8.GetString(line);
        }

        run = _lines.AsSpan(0, count);
        return count > 0;
    }

    /// <inheritdoc cref="TextSplitReader.ReadLine" />
    public bool ReadLine(out ReadOnlySpan<byte> line, out bool isAscii)
    {
        while (!_split.ReadLine(out line, out isAscii))
        {
            if (_opened == _splits.Length)
            {
                return false;
            }

            _split.Dispose();
            _split = OpenNext();
        }

        return true;
    }

    public override void Dispose() => _split.Dispose();

    private TextSplitReader OpenNext() => new(_splits.Span[_opened++], _cancellation, maxLineBytes: _longest);
}
