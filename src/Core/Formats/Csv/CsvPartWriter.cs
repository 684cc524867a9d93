using CsvHelper;
using MicroSpark.Files;

namespace MicroSpark.Formats.Csv;

/// <summary>Writes a header, if there is one, and a row for each element.</summary>
internal sealed class CsvPartWriter<T> : PartWriter<T>
{
    private readonly CsvUnbinding<T> _unbinding = CsvUnbinder<T>.Unbinding;
    private readonly Stream _content;
    private readonly CsvWriter _rows;
    private readonly bool _blankLines; // where null is one

    public CsvPartWriter(Stream content, int partition, CsvOptions options)
        : base(partition)
    {
        (_content, _blankLines) = (content, _unbinding.IsNull is not null && options.NullValues.Count == 0);
        _rows = CsvWriter.Create(content, options.ToWriter(), leaveOpen: true);
        if (options.HasHeader && _unbinding.Header is { } header)
        {
            _rows.WriteHeader(header);
        }
    }

    public override void Write(ReadOnlySpan<T> elements)
    {
        foreach (var element in elements)
        {
            WriteOne(element is null ? throw NullElement("CSV file") : element);
            CountOne();
        }
    }

    private void WriteOne(T element)
    {
        if (_blankLines && _unbinding.IsNull!(element))
        {
            // The writer would put quotes, which stand for the empty text.
            _rows.Flush();
            _content.Write("\n"u8);
            return;
        }

        _unbinding.Write(_rows, element);
        _rows.EndRecord();
    }

    public override void Complete() => _rows.Dispose();

    public override void Dispose() => _rows.Dispose();
}
