using CsvHelper;
using MicroSpark.Files;

namespace MicroSpark.Formats.Csv;

/// <summary>Writes a header, if there is one, and a row for each element.</summary>
internal sealed class CsvPartWriter<T> : PartWriter<T>
{
    private readonly Action<CsvWriter, T> _write;
    private readonly CsvWriter _rows;

    public CsvPartWriter(Stream content, int partition, CsvOptions options)
        : base(partition)
    {
        (_write, var header) = CsvUnbinder<T>.Unbinding;
        _rows = CsvWriter.Create(content, options.ToWriter(), leaveOpen: true);
        if (options.HasHeader && header is not null)
        {
            _rows.WriteHeader(header);
        }
    }

    public override void Write(ReadOnlySpan<T> elements)
    {
        foreach (var element in elements)
        {
            _write(_rows, element is null ? throw NullElement("CSV file") : element);
            _rows.EndRecord();
            CountOne();
        }
    }

    public override void Complete() => _rows.Dispose();

    public override void Dispose() => _rows.Dispose();
}
