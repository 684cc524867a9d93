using System.Collections.Concurrent;
using MicroSpark.Files;

namespace MicroSpark.Tests.Files;

/// <summary>Files in memory: fast enough for thousands of random cases, and it hands out bytes in pieces as small as asked for.</summary>
internal sealed class MemoryFileSystem(int bytesPerRead = int.MaxValue) : IFileSystem
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public FileEntry Add(string path, byte[] content)
    {
        _files[path] = content;
        return new FileEntry(path, content.Length, 1);
    }

    public FileEntry? Stat(string path) => _files.TryGetValue(path, out var content) ? new FileEntry(path, content.Length, 1) : null;

    public IEnumerable<FileEntry> List(string directory) => throw new NotSupportedException();

    public Stream OpenRead(FileEntry file, long offset) =>
        new Pieces(_files[file.Path].AsMemory((int)offset), bytesPerRead);

    public void CreateDirectory(string path, bool forOwner = false) => throw new NotSupportedException();

    public Stream CreateAside(string path) => throw new NotSupportedException();

    public bool TryPublish(string aside, string target) => throw new NotSupportedException();

    public void Delete(string path) => throw new NotSupportedException();

    public void DeleteIfEmpty(string directory) => throw new NotSupportedException();

    private sealed class Pieces(ReadOnlyMemory<byte> rest, int bytesPerRead) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _rest = rest;

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(buffer.Length, _rest.Length), bytesPerRead);
            _rest.Span[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
    }
}
