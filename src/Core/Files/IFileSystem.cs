namespace MicroSpark.Files;

/// <summary>What a listing knows of one file: enough to plan splits and to notice that the file changed since.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Length">In bytes; 0 for a directory.</param>
/// <param name="ModifiedTicks">Time of the last write, as UTC ticks.</param>
internal readonly record struct FileEntry(string Path, long Length, long ModifiedTicks, bool IsDirectory = false)
{
    /// <summary>The last part of the path.</summary>
    public ReadOnlySpan<char> Name => System.IO.Path.GetFileName(Path.AsSpan());
}

/// <summary>
/// Where files are: the local disk today, object stores later. Paths are absolute. Every error names the path it is about.
/// A missing path is <see cref="FileNotFoundException"/>, a forbidden one <see cref="UnauthorizedAccessException"/>, all else
/// <see cref="IOException"/>.
/// </summary>
internal interface IFileSystem
{
    /// <summary>The entry behind a path, links followed; null when there is none.</summary>
    FileEntry? Stat(string path);

    /// <summary>The entries of one directory, in no order, links followed.</summary>
    IEnumerable<FileEntry> List(string directory);

    /// <summary>
    /// Opens a file at a byte. The stream ends at the length of <paramref name="file"/>, whatever is appended later.
    /// </summary>
    /// <exception cref="IOException">Its length or time of last write differ from <paramref name="file"/>, or it shrinks while
    /// read.</exception>
    Stream OpenRead(FileEntry file, long offset);

    /// <summary>Makes a directory and its parents; one that exists stays as it is.</summary>
    /// <param name="forOwner">Whether nobody but this user may enter what is made.</param>
    void CreateDirectory(string path, bool forOwner = false);

    /// <summary>
    /// Creates a file under a name that no reader looks at. Its directory must exist, so that a task which outlived its job cannot
    /// bring a removed directory back.
    /// </summary>
    Stream CreateAside(string path);

    /// <summary>
    /// Gives a finished file its real name, in one step: readers see all of it or nothing. False when <paramref name="target"/>
    /// exists; both files are then as they were.
    /// </summary>
    bool TryPublish(string aside, string target);

    /// <summary>Removes a file, or a directory with all that is in it; a missing one is fine.</summary>
    void Delete(string path);

    /// <summary>Removes a directory unless something is in it, looked at and done in one step; a missing one is fine.</summary>
    void DeleteIfEmpty(string directory);
}
