using MicroSpark.Files;

namespace MicroSpark.Formats.Parquet;

/// <summary>A listed file that is read in places: a file system opens a file at a byte, so each jump opens it again.</summary>
internal sealed class ParquetInput(FileEntry file, IFileSystem files) : IDisposable
{
    private Stream? _opened;
    private long _position;

    public FileEntry File => file;

    /// <param name="count">At most what the file has from there on: the caller has looked, so that only bytes are made room for that are
    /// there.</param>
    public ReadOnlyMemory<byte> Read(long offset, int count)
    {
        var bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }

    public void Read(long offset, Span<byte> into)
    {
        if (_opened is null || _position != offset)
        {
            _opened?.Dispose();
            _opened = files.OpenRead(file, offset);
        }

        _position = -1;
        _opened.ReadExactly(into);
        _position = offset + into.Length;
    }

    public void Dispose() => _opened?.Dispose();
}
