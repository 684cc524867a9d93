using Microsoft.Win32.SafeHandles;

namespace MicroSpark.Memory;

/// <summary>The private folder of one silo for what does not fit in memory. Made when first needed, removed when disposed.</summary>
/// <param name="root">The folder that it is made in; null for the system's temporary folder.</param>
internal sealed class SpillFolder(string? root) : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(
        root is null ? Path.GetTempPath() : Path.GetFullPath(root), $"microspark-spill-{Environment.ProcessId}-{Guid.NewGuid():n}");

    private bool _made;
    private bool _disposed;
    private int _files;

    public string Location => _path;

    /// <summary>Opens a new file for writing and reading.</summary>
    /// <exception cref="SpillException">The folder or the file cannot be made.</exception>
    public SafeFileHandle CreateFile(out string path)
    {
        try
        {
            EnsureMade();
            path = Path.Combine(_path, $"{Interlocked.Increment(ref _files)}.frames");
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(0, e);
        }
    }

    /// <summary>Opens a file again for reading.</summary>
    /// <exception cref="SpillException">It cannot be opened.</exception>
    public SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with the folder.
        }
    }

    /// <summary>The error of a write that failed.</summary>
    public SpillException Failed(long bytes, Exception e) => new(
        $"MicroSpark could not write {bytes} bytes of data that does not fit in memory to '{_path}' ({FreeBytes()}): {e.Message} "
        + "Set MicroSpark:SpillDirectory to a folder on a disk with more room, or raise MicroSpark:MemoryBudget.", e);

    /// <summary>The error of a read that failed.</summary>
    public SpillException Unreadable(string? path, Exception e) => new($"MicroSpark could not read back what it spilled to '{path}': {e.Message}", e);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            if (_made)
            {
                Directory.Delete(_path, recursive: true);
                _made = false;
            }
        }
    }

    private void EnsureMade()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_made)
            {
                return;
            }

            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(_path);
            }
            else
            {
                Directory.CreateDirectory(_path, OnlyOwner);
            }

            _made = true;
        }
    }

    private string FreeBytes()
    {
        try
        {
            return $"{new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace} bytes free";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "free space unknown";
        }
    }
}
