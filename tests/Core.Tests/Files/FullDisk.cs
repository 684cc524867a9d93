using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>The local disk, with room for so many bytes in each new file. Of a read-only one nothing can be removed.</summary>
internal sealed class FullDisk(int room, bool readOnly = false) : IFileSystem
{
    private readonly LocalFileSystem _disk = LocalFileSystem.Instance;

    public FileEntry? Stat(string path) => _disk.Stat(path);

    public IEnumerable<FileEntry> List(string directory) => _disk.List(directory);

    public Stream OpenRead(FileEntry file, long offset) => _disk.OpenRead(file, offset);

    public void CreateDirectory(string path, bool forOwner = false) => _disk.CreateDirectory(path, forOwner);

    public Stream CreateAside(string path) => new Bounded(path, room);

    public bool TryPublish(string aside, string target) => _disk.TryPublish(aside, target);

    public void Delete(string path)
    {
        if (readOnly)
        {
            throw new UnauthorizedAccessException($"Read-only file system : '{path}'");
        }

        _disk.Delete(path);
    }

    public void DeleteIfEmpty(string directory) => _disk.DeleteIfEmpty(directory);

    private sealed class Bounded(string path, int room) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0)
    {
        // Writing a span comes here too, as in every class derived from FileStream.
        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, (int)Math.Min(count, room - Position));
            if (Position == room)
            {
                throw new IOException($"No space left on device : '{Name}'");
            }
        }
    }
}
