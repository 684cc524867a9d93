using MicroSpark.Readers;

namespace MicroSpark.Files;

/// <summary>
/// The words of a text's lines, read without making the lines' strings. Takes the place of a reader of lines and the function that splits
/// them.
/// </summary>
internal sealed class WordReader(LineReader lines, WordSplitter splitter) : ChunkReader<string>
{
    /// <summary>Enough words to make a run's cost small, and few enough to stay in the cache.</summary>
    private const int RunWords = 512;

    private readonly List<int> _lineEnds = [];
    private long _lines;
    private long _words;

    /// <summary>The hashes of the words of the last run, and some more that mean nothing.</summary>
    public ulong[] Hashes => splitter.Hashes;

    public override bool Next(int limit, out ReadOnlySpan<string> run)
    {
        _lines += _lineEnds.Count;
        _words += splitter.Count;
        _lineEnds.Clear();
        splitter.Clear();
        while (splitter.Count < RunWords && lines.ReadLine(out var line, out var isAscii))
        {
            if (isAscii)
            {
                splitter.AppendAscii(line);
            }
            else
            {
                splitter.Append(System.Text.Encoding.UTF8.GetString(line));
            }

            _lineEnds.Add(splitter.Count);
        }

        run = splitter.Words.AsSpan(0, splitter.Count);
        return splitter.Count > 0;
    }

    /// <summary>The line of a word, both counted from the beginning: errors name the element of the source.</summary>
    public long LineOf(long word)
    {
        var inRun = word - _words;
        return _lines + _lineEnds.FindIndex(end => end > inRun);
    }

    public override void Dispose() => lines.Dispose();
}
