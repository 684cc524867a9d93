using Microsoft.Win32.SafeHandles;

namespace MicroSpark.Memory;

/// <summary>
/// The private folder of one silo for data that does not fit in memory: made when first needed, removed when disposed. Beside it lies a
/// file that the process holds locked. When its lock can be taken, the process of a folder has died; the next process that makes a folder
/// here removes the old one.
/// </summary>
/// <param name="root">The folder that it is made in; null for the system's temporary folder.</param>
internal sealed class SpillFolder(string? root) : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _gate = new();
    private readonly string _root = root is null ? Path.GetTempPath() : Path.GetFullPath(root);
    private string? _path;
    private FileStream? _lock;
    private bool _disposed;
    private int _files;

    /// <summary>Where it is, or will be made.</summary>
    public string Location => _path ?? _root;

    /// <summary>
    /// Called when the disk is full, or what one name may have of it (null: all): deletes something of its that can be done without, or
    /// says that there is nothing. Set by the block store.
    /// </summary>
    public Func<OwnerQuota?, bool> MakeRoom { get; set; } = static _ => false;

    /// <summary>Told of bytes that were written.</summary>
    public Action<long> Written { get; set; } = static _ => { };

    /// <summary>Opens a new file for writing and reading.</summary>
    /// <exception cref="SpillException">The folder or the file cannot be made.</exception>
    public SafeFileHandle CreateFile(out string path)
    {
        try
        {
            path = Path.Combine(EnsureMade(), $"{Interlocked.Increment(ref _files)}.frames");
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

    /// <summary>A file that cannot be deleted now goes with the folder.</summary>
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    /// <summary>The error of a write that failed.</summary>
    public SpillException Failed(long bytes, Exception e) => new(
        $"What does not fit in memory cannot be written to '{Location}': {e.Message} Needed {bytes} bytes more; {FreeBytes()}. "
        + "Set MicroSpark:SpillDirectory to a folder that this user can write to, on a disk with more room, or raise "
        + "MicroSpark:MemoryBudget.", e);

    /// <summary>The error of a read that failed.</summary>
    public SpillException Unreadable(string? path, Exception e) => new($"What was written to '{path}' cannot be read back: {e.Message}", e);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            if (_path is not null)
            {
                SpillLeftovers.Remove(_path, _lock!);
                _path = null;
            }
        }
    }

    private string EnsureMade()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_path is not null)
            {
                return _path;
            }

            Directory.CreateDirectory(_root);
            SpillLeftovers.Sweep(_root);
            var path = Path.Combine(_root, $"{SpillLeftovers.Prefix}{Environment.ProcessId}-{Guid.NewGuid():n}");
            _lock = SpillLeftovers.Lock(path);
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OnlyOwner);
            }

            return _path = path;
        }
    }

    private string FreeBytes()
    {
        try
        {
            return $"{new DriveInfo(_root).AvailableFreeSpace} bytes are free";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "how many are free is unknown";
        }
    }
}
