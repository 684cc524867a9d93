using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace MicroSpark.Files;

/// <summary>
/// One attempt at writing one partition as text: a line per element in UTF-8 without a byte order mark, each ended by \n. Nothing of it
/// is seen before <see cref="Commit"/>; without it <see cref="Dispose"/> removes what was written.
/// </summary>
/// <remarks>
/// An element's line is what its ToString gives under the invariant culture, so that the same data gives the same file wherever it is
/// written. A line end inside an element is written as it is.
/// </remarks>
internal sealed class TextPartWriter : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private const int FormattedBytes = 512; // room that a number or date surely finds

    private readonly SaveTarget _target;
    private readonly int _partition;
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly Stream _file;
    private readonly Stream _output; // the file, or what compresses into it
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _used;
    private bool _published;

    /// <summary>Starts the attempt's file.</summary>
    /// <exception cref="IOException">The job's directory is not there: the job ended, or this worker does not share the file system.</exception>
    public TextPartWriter(SaveTarget target, int partition, AttemptId attempt, IFileSystem? files = null)
    {
        _target = target;
        _partition = partition;
        _files = files ?? LocalFileSystem.Instance;
        _path = target.AttemptFile(partition, attempt);
        try
        {
            _file = _files.CreateAside(_path);
            _output = target.Compression.Compress(_file);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw target.NoDirectory(missing);
        }
    }

    /// <summary>Elements written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes elements, a line each.</summary>
    /// <exception cref="InvalidOperationException">An element is null.</exception>
    /// <exception cref="IOException">The disk is full, or the file cannot be written for another reason; the message names it.</exception>
    public void Write<T>(ReadOnlySpan<T> elements)
    {
        if (typeof(T) == typeof(string))
        {
            WriteStrings(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, string?>(ref MemoryMarshal.GetReference(elements)), elements.Length));
            return;
        }

        // A tuple asks its items for their text under the current culture, so it is not enough to pass the culture to the element.
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            foreach (T element in elements)
            {
                WriteElement(element);
                Count++;
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>
    /// Ends the file and gives it the partition's name. False when another attempt was first: its file stays, this one's goes.
    /// </summary>
    public bool Commit()
    {
        Flush();
        _output.Dispose();
        _file.Dispose();
        _published = _files.TryPublish(_path, _target.PartFile(_partition));
        return _published;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        try
        {
            // What is removed anyway is not compressed to its end first: that could fail again, and hide the first error.
            _file.Dispose();
        }
        finally
        {
            if (!_published)
            {
                _files.Delete(_path);
            }
        }
    }

    private void WriteStrings(ReadOnlySpan<string?> lines)
    {
        foreach (string? line in lines)
        {
            WriteLine(line ?? throw NullElement());
            Count++;
        }
    }

    private void WriteElement<T>(T element)
    {
        if (element is null)
        {
            throw NullElement();
        }

        // Numbers and dates go straight into the buffer; for a struct neither test nor cast boxes.
        if (typeof(T).IsValueType && element is IUtf8SpanFormattable)
        {
            if (_buffer.Length - _used < FormattedBytes)
            {
                Flush();
            }

            if (((IUtf8SpanFormattable)element).TryFormat(_buffer.AsSpan(_used, FormattedBytes - 1), out int written, default, CultureInfo.InvariantCulture))
            {
                _used += written;
                _buffer[_used++] = (byte)'\n';
                return;
            }
        }

        WriteLine((element is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : element.ToString()) ?? "");
    }

    private void WriteLine(ReadOnlySpan<char> line)
    {
        while (true)
        {
            OperationStatus status = Utf8.FromUtf16(line, _buffer.AsSpan(_used), out int read, out int written);
            _used += written;
            if (status == OperationStatus.Done && _used < _buffer.Length)
            {
                break;
            }

            line = line[read..];
            Flush();
        }

        _buffer[_used++] = (byte)'\n';
    }

    private void Flush()
    {
        _output.Write(_buffer, 0, _used);
        _used = 0;
    }

    private InvalidOperationException NullElement() => new(
        $"Element {Count} of partition {_partition} is null, and a text file cannot hold null. Map nulls to a text before saving, or filter them out.");
}
