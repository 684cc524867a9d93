using System.Globalization;
using MicroSpark.Tasks;
using Microsoft.Win32.SafeHandles;

namespace MicroSpark.Files;

/// <summary>
/// A local file as it was listed. To open a file that changed since is an error: its splits were planned on the old content, and its
/// lineage id names the old content.
/// </summary>
internal sealed class ListedFileStream : ReadOnlyStream
{
    private readonly FileEntry _file;
    private readonly SafeFileHandle _handle;

    // Of the task that opens it: libraries may read on other threads.
    private readonly TaskCounters? _counters = TaskContext.Current?.Counters;
    private long _position;

    public ListedFileStream(FileEntry file, long offset)
    {
        _file = file;
        _position = offset;
        _handle = File.OpenHandle(
            file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        try
        {
            var length = RandomAccess.GetLength(_handle);
            var modified = File.GetLastWriteTimeUtc(_handle).Ticks;
            if (length != file.Length || modified != file.ModifiedTicks)
            {
                throw Changed(file, length, modified);
            }
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _file.Length - _position);
        if (wanted <= 0)
        {
            return 0;
        }

        var read = RandomAccess.Read(_handle, buffer[..wanted], _position);
        if (read == 0)
        {
            throw Changed(_file, RandomAccess.GetLength(_handle), File.GetLastWriteTimeUtc(_handle).Ticks);
        }

        _position += read;
        _counters?.Read(shuffle: false, read, records: 0);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    public static IOException Changed(FileEntry file, long length, long modified) => new(
        $"The file '{file.Path}' changed since it was listed: it had {file.Length} bytes, last written {Time(file.ModifiedTicks)}; now "
        + $"it has "
        + $"{length} bytes, last written {Time(modified)}. Create a new RDD on it to read what it holds now.");

    private static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("O", CultureInfo.InvariantCulture);
}
