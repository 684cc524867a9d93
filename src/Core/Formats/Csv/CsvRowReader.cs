using System.Globalization;
using System.Text;
using CsvHelper;
using MicroSpark.Files;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Csv;

/// <summary>
/// Reads the rows of one split. The law: over all splits of a file every row comes exactly once, wherever the cuts fall. A row belongs to
/// the split in which its first byte is.
/// </summary>
internal sealed class CsvRowReader<T> : RowReader<T>
{
    private const int BufferBytes = 256 << 10;

    private readonly TextSplit _split;
    private readonly CsvOptions _options;
    private readonly IFileSystem _files;
    private readonly CancellationToken _cancellation;
    private readonly CsvBinding<T> _binding = CsvBinder<T>.Binding;
    private readonly CsvReader _reader;
    private readonly CsvCells _cells;
    private readonly long _start; // of the first row
    private readonly long _end; // rows that start here or later belong to others
    private readonly long _header = -1; // where the header is
    private readonly Encoding? _encoding; // of the file, when it is no UTF-8
    private readonly bool _blankLines; // whether a blank line is a row
    private readonly int _fields; // how many a row has; -1 when nothing says
    private CsvMalformedReason? _malformed;

    public CsvRowReader(TextSplit split, CsvOptions options, CancellationToken cancellation, IFileSystem? files = null)
    {
        (_split, _options, _files, _cancellation) = (split, options, files ?? LocalFileSystem.Instance, cancellation);
        // Of what is not plain UTF-8 the split that begins the file reads all.
        _encoding = WideText.EncodingOf(split.File, _files);
        var whole = FileCompression.Of(split.Path) != FileCompression.Kind.None || _encoding is not null;
        _end = !whole ? split.Start + split.Length : split.Start == 0 ? long.MaxValue : 0;
        _start = whole ? 0 : new CsvRowStart(options).Find(split.File, split.Start, cancellation, _files);
        string[]? header = null;
        if (options.HasHeader)
        {
            (header, _header) = ReadHeader();
        }

        if (_binding.HasNullLines && (header is null || header.Length == 1))
        {
            _blankLines = true;
            _start += IsInsideLineEnd() ? 1 : 0;
        }

        _reader = Open(_start, BufferBytes);
        try
        {
            // A file without any row has no header either, and lacks nothing.
            var columns = _header < 0 && options.HasHeader
                ? []
                : RecordColumns.Match(_binding.Members, _binding.ByPosition, header, split.Path);
            _cells = new CsvCells(_reader, CultureInfo.GetCultureInfo(options.Culture), _binding.Members, columns);
            _fields = header?.Length ?? -1;
            LeastFields = columns.Length == 0 ? 0 : columns.Max() + 1;
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <summary>What a row has at least when nothing else says.</summary>
    private int LeastFields { get; }

    public override bool Read()
    {
        while (true)
        {
            _malformed = null;
            if (!ReadRow())
            {
                return false;
            }

            var offset = _start + _reader.ByteOffset;
            if (offset >= _end)
            {
                return false;
            }

            if (offset <= _header)
            {
                continue;
            }

            if (_reader.RawRecord.Length > CsvDialect.MaxRowBytes && offset + _reader.RawRecord.Length > _end)
            {
                throw TooLong(offset, null);
            }

            Bind(offset);
            return true;
        }
    }

    public override InvalidDataException Failure()
    {
        var problem = Problem!;
        var column = problem.Column is null ? "" : $", column '{problem.Column}'";
        return new InvalidDataException(
            $"'{problem.File}', row {RowNumber(problem.Offset)} (byte {problem.Offset}){column}: {problem.Problem} The row is "
            + $"'{Excerpt(problem.Text)}'. "
            + "Repair the file, change the element type, or set BadRows = BadRows.Skip in CsvOptions to leave such rows out.");
    }

    public override void Dispose() => _reader.Dispose();

    private void Bind(long offset)
    {
        Problem = null;
        _cells.Begin();
        if (_malformed is CsvMalformedReason.TextAfterClosingQuote or CsvMalformedReason.UnterminatedQuote)
        {
            SetProblem(offset, null, _malformed is CsvMalformedReason.UnterminatedQuote
                ? "A quote is opened and never closed."
                : "Text follows a closing quote, where a delimiter or the row's end was expected. A quote inside quotes is doubled.");
            return;
        }

        if (_fields >= 0 ? _reader.FieldCount != _fields : _reader.FieldCount < LeastFields)
        {
            SetProblem(offset, null, $"Expected {(_fields >= 0 ? _fields : $"{LeastFields} or more")} fields, found {_reader.FieldCount}.");
            return;
        }

        try
        {
            Current = _binding.Make(_cells);
            if (_cells.Failed is { } failed)
            {
                SetProblem(offset, failed.Name, _cells.FoundText is { } text
                    ? $"Expected {Describe(failed)}, found '{Excerpt(text)}'."
                    : $"Expected {Describe(failed)}, found nothing. A member that may be null is declared with a '?'.");
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The element's own constructor or setter refused the values.
            SetProblem(offset, null, $"'{typeof(T).Name}' refused the row with {e.GetType().Name}: {e.Message}");
        }
    }

    private void SetProblem(long offset, string? column, string problem) =>
        Problem = new BadRow(_split.Path, offset, column, problem, Encoding.UTF8.GetString(_reader.RawRecord));

    private bool ReadRow()
    {
        try
        {
            return _reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw TooLong(_start + e.ByteOffset, e);
        }
    }

    private InvalidDataException TooLong(long offset, Exception? inner) => new(
        $"'{_split.Path}', byte {offset}: a row is longer than {CsvDialect.MaxRowBytes >> 20} MB. Is a quote opened there and never "
        + $"closed?", inner);

    /// <summary>
    /// Whether the first byte is the second of a line end: by itself it would be a blank line, where such lines are rows.
    /// </summary>
    private bool IsInsideLineEnd()
    {
        if (_start == 0 || _start >= _split.FileLength)
        {
            return false;
        }

        using var stream = _files.OpenRead(_split.File, _start - 1);
        Span<byte> bytes = stackalloc byte[2];
        stream.ReadExactly(bytes);
        return bytes is [(byte)'\r', (byte)'\n'];
    }

    private (string[]? Header, long Offset) ReadHeader()
    {
        using var reader = Open(0, 4096);
        if (!reader.Read())
        {
            return (null, -1);
        }

        var header = new string[reader.FieldCount];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = reader.GetString(i).Trim();
        }

        return (header, reader.ByteOffset);
    }

    private CsvReader Open(long offset, int bufferBytes)
    {
        var stored = _files.OpenRead(_split.File, offset);
        try
        {
            var options = _options.ToReader(bufferBytes, malformed => _malformed ??= malformed.Reason);
            return CsvReader.Create(
                WideText.ToUtf8(FileCompression.Decompress(stored, _split.Path), _encoding),
                options with { SkipEmptyLines = !_blankLines }, false);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>Counted from 1, the header too: as a spreadsheet numbers them.</summary>
    private long RowNumber(long offset)
    {
        using var reader = Open(0, BufferBytes);
        long row = 1;
        while (reader.Read() && reader.ByteOffset < offset)
        {
            row++;
            if ((row & 0xfff) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }
        }

        return row;
    }

    private static string Describe(RecordMember member) =>
        member.ValueType.IsEnum
            ? $"{member.ValueType.Name} ({string.Join(", ", Enum.GetNames(member.ValueType).Take(8))})"
            : member.ValueType.Name;
}
