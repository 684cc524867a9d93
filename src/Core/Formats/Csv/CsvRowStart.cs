using System.Text;
using MicroSpark.Files;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// Finds the first row that starts at a byte of a file or behind it. A line end there may stand inside quotes; only the bytes before it can
/// tell.
/// </summary>
/// <remarks>
/// <para>
/// The reader is a machine of six states. It runs over the bytes before the cut from all states at once. After a few fields the runs meet
/// in one state, because text behind a closing quote and quotes in the middle of a field mean nothing special.
/// </para>
/// <code>
///   bytes before the cut     x , " a b c " , " d \n
///   began outside quotes     U S Q Q Q Q E S Q Q Q    both are inside quotes at the cut: the line end there ends no row
///   began inside quotes      Q Q E U U U U S Q Q Q
/// </code>
/// <para>
/// Without any quote the states never meet. But no row is longer than <see cref="CsvDialect.MaxRowBytes"/>: without a quote in that many
/// bytes the cut is outside. If all this does not tell, the machine begins further back, at last at the start of the file, where its state
/// is known. A row that breaks the law across a cut fails the split that it starts in, so nothing is ever misread silently.
/// </para>
/// </remarks>
internal sealed class CsvRowStart
{
    private const byte Row = 1; // a row starts here
    private const byte Field = 2; // a field starts here
    private const byte Plain = 4; // in a field without quotes
    private const byte Quoted = 8; // inside quotes
    private const byte Closing = 16; // behind a quote inside quotes: it closes them, unless another follows
    private const byte Comment = 32;
    private const byte All = 63;
    private const int FirstWindow = 64 << 10;

    private readonly byte[] _classes = new byte[256];
    private readonly byte[][] _next; // for each class of bytes: from a set of states to the set after such a byte
    private readonly byte _quote;
    private readonly byte _any; // the states that a byte in the middle of a file may be met in

    public CsvRowStart(CsvOptions options)
    {
        byte[][] single =
        [
            // of:   Row     Field   Plain  Quoted   Closing  Comment
            [Plain, Plain, Plain, Quoted, Plain, Comment], // any other byte
            [Field, Field, Field, Quoted, Field, Comment], // delimiter
            [Quoted, Quoted, Plain, Closing, Quoted, Comment], // quote
            [Row, Row, Row, Quoted, Row, Row], // line end
            [Comment, Plain, Plain, Quoted, Plain, Comment], // what starts a comment
            [Field, Field, Plain, Quoted, Plain, Comment], // space that is trimmed
        ];
        _next = Array.ConvertAll(single, OfSets);
        _classes['\n'] = _classes['\r'] = 3;
        if (options.TrimWhitespace)
        {
            _classes[' '] = _classes['\t'] = 5;
        }

        if (options.Comment is { } comment)
        {
            _classes[(byte)comment] = 4;
        }

        _any = (byte)(options.Comment is null ? All & ~Comment : All);
        _classes[(byte)options.Delimiter] = 1;
        _classes[_quote = (byte)options.Quote] = 2;
    }

    /// <summary>The offset of the first row that starts at <paramref name="cut"/> or later; the file's length when there is none.</summary>
    public long Find(FileEntry file, long cut, CancellationToken cancellation, IFileSystem? files = null)
    {
        files ??= LocalFileSystem.Instance;
        if (cut == 0)
        {
            return 0;
        }

        if (TryFind(file, cut, cut - FirstWindow, _any, cancellation, files) is { } found)
        {
            return found;
        }

        if (cut > CsvDialect.MaxRowBytes && !HasQuote(file, cut - CsvDialect.MaxRowBytes, cut, cancellation, files)
            && TryFind(file, cut, cut - FirstWindow, (byte)(_any & ~(Quoted | Closing)), cancellation, files) is { } outside)
        {
            return outside;
        }

        for (var window = 16L * FirstWindow; ; window *= 16)
        {
            if (TryFind(file, cut, cut - window, _any, cancellation, files) is { } later)
            {
                return later;
            }
        }
    }

    /// <summary>Null when it cannot be told from <paramref name="from"/> on.</summary>
    private long? TryFind(FileEntry file, long cut, long from, byte states, CancellationToken cancellation, IFileSystem files)
    {
        if (from <= 0)
        {
            (from, states) = (0, Row);
        }

        using var stream = files.OpenRead(file, from);
        var buffer = new byte[FirstWindow];
        for (long position = from, count; (count = stream.Read(buffer)) > 0; position += count)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = position == 0 && buffer.AsSpan(0, (int)count).StartsWith(Encoding.UTF8.Preamble) ? 3 : 0; i < count; i++)
            {
                if (position + i >= cut && (states & Row) != 0)
                {
                    return states == Row ? position + i : null;
                }

                states = _next[_classes[buffer[i]]][states];
            }
        }

        return file.Length;
    }

    private bool HasQuote(FileEntry file, long from, long to, CancellationToken cancellation, IFileSystem files)
    {
        using var stream = files.OpenRead(file, from);
        var buffer = new byte[FirstWindow];
        for (var position = from; position < to;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = stream.Read(buffer);
            if (count == 0 || buffer.AsSpan(0, count).Contains(_quote))
            {
                return count > 0;
            }

            position += count;
        }

        return false;
    }

    private static byte[] OfSets(byte[] single)
    {
        var next = new byte[All + 1];
        for (var set = 0; set <= All; set++)
        {
            for (var state = 0; state < single.Length; state++)
            {
                next[set] |= (set & (1 << state)) != 0 ? single[state] : (byte)0;
            }
        }

        return next;
    }
}
