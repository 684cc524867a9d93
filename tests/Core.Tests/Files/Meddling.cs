using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>The local disk, where something happens in between: before a call, which then goes on or fails.</summary>
internal sealed class Meddling : IFileSystem
{
    private readonly LocalFileSystem _disk = LocalFileSystem.Instance;

    public Action BeforePublish { get; init; } = static () => { };

    public Action BeforeList { get; init; } = static () => { };

    public Action BeforeDeleteIfEmpty { get; init; } = static () => { };

    public FileEntry? Stat(string path) => _disk.Stat(path);

    public IEnumerable<FileEntry> List(string directory)
    {
        BeforeList();
        return _disk.List(directory);
    }

    public Stream OpenRead(FileEntry file, long offset) => _disk.OpenRead(file, offset);

    public void CreateDirectory(string path, bool forOwner = false) => _disk.CreateDirectory(path, forOwner);

    public Stream CreateAside(string path) => _disk.CreateAside(path);

    public bool TryPublish(string aside, string target)
    {
        BeforePublish();
        return _disk.TryPublish(aside, target);
    }

    public void Delete(string path) => _disk.Delete(path);

    public void DeleteIfEmpty(string directory)
    {
        BeforeDeleteIfEmpty();
        _disk.DeleteIfEmpty(directory);
    }
}
