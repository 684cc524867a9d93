using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace MicroSpark.Files;

/// <summary>Writes a line per element in UTF-8 without a byte order mark, each ended by \n.</summary>
/// <remarks>
/// An element's line is what its ToString gives under the invariant culture, so that the same data gives the same file wherever it is
/// written. A line end inside an element is written as it is.
/// </remarks>
internal sealed class TextPartWriter<T>(Stream content, int partition) : PartWriter<T>(partition)
{
    private const int BufferBytes = 256 << 10;
    private const int FormattedBytes = 512; // room that a number or date surely finds

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _used;

    public override void Write(ReadOnlySpan<T> elements)
    {
        if (typeof(T) == typeof(string))
        {
            WriteStrings(
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, string?>(ref MemoryMarshal.GetReference(elements)), elements.Length));
            return;
        }

        // A tuple asks its items for their text under the current culture, so it is not enough to pass the culture to the element.
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            foreach (var element in elements)
            {
                WriteElement(element);
                CountOne();
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    public override void Complete() => Flush();

    public override void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void WriteStrings(ReadOnlySpan<string?> lines)
    {
        foreach (var line in lines)
        {
            WriteLine(line ?? throw NullElement("text file"));
            CountOne();
        }
    }

    private void WriteElement(T element)
    {
        if (element is null)
        {
            throw NullElement("text file");
        }

        // Numbers and dates go straight into the buffer; for a struct neither test nor cast boxes.
        if (typeof(T).IsValueType && element is IUtf8SpanFormattable)
        {
            if (_buffer.Length - _used < FormattedBytes)
            {
                Flush();
            }

            if (((IUtf8SpanFormattable)element).TryFormat(
                _buffer.AsSpan(_used, FormattedBytes - 1), out var written, default, CultureInfo.InvariantCulture))
            {
                _used += written;
                _buffer[_used++] = (byte)'\n';
                return;
            }
        }

        WriteLine(
            (element is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : element.ToString()) ?? "");
    }

    private void WriteLine(ReadOnlySpan<char> line)
    {
        while (true)
        {
            var status = Utf8.FromUtf16(line, _buffer.AsSpan(_used), out var read, out var written);
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
        content.Write(_buffer, 0, _used);
        _used = 0;
    }
}
