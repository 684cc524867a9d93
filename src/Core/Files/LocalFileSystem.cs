using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MicroSpark.Files;

/// <summary>The disks of this machine, and what is mounted on it.</summary>
internal sealed partial class LocalFileSystem : IFileSystem
{
    private const int ErrorExists = 17; // EEXIST, the same number on Linux, macOS and the BSDs

    public static LocalFileSystem Instance { get; } = new();

    public FileEntry? Stat(string path)
    {
        FileAttributes attributes;
        try
        {
            attributes = File.GetAttributes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        return EntryOf((attributes & FileAttributes.Directory) != 0 ? new DirectoryInfo(path) : new FileInfo(path), path);
    }

    public IEnumerable<FileEntry> List(string directory)
    {
        foreach (var info in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            // A link into the void is listed as it stands: whether that matters (lock files of editors are such links) shows when
            // somebody reads it.
            yield return EntryOf(info, info.FullName) ?? new FileEntry(info.FullName, 0, info.LastWriteTimeUtc.Ticks);
        }
    }

    public Stream OpenRead(FileEntry file, long offset)
    {
        try
        {
            if (file.Length > 0)
            {
                return new ListedFileStream(file, offset);
            }

            // Not opened: behind a length of 0 there may be a pipe, and opening it would wait for a writer.
            var now = Stat(file.Path) ?? throw new FileNotFoundException();
            return now == file ? Stream.Null : throw ListedFileStream.Changed(file, now.Length, now.ModifiedTicks);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException(
                $"The file '{file.Path}' does not exist (any more): it was found when the input was listed.", file.Path, missing);
        }
    }

    public void CreateDirectory(string path, bool forOwner = false)
    {
        if (!forOwner || OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // The rights that are given count for the last directory alone: the parents that are missing are made one by one.
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
        {
            CreateDirectory(parent, forOwner);
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public Stream CreateAside(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public bool TryPublish(string aside, string target)
    {
        // File.Move looks first and renames then: of two attempts that look at the same moment, the second would replace the
        // first one's file. A hard link is made or refused in one step.
        if (!OperatingSystem.IsWindows())
        {
            if (Link(aside, target) == 0)
            {
                File.Delete(aside);
                return true;
            }

            if (Marshal.GetLastPInvokeError() == ErrorExists)
            {
                return false;
            }
        }

        // Windows, where this is one step, and file systems without hard links, where it is nearly one.
        try
        {
            File.Move(aside, target, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(aside) && Path.Exists(target))
        {
            return false;
        }
    }

    public void Delete(string path)
    {
        try
        {
            if ((File.GetAttributes(path) & FileAttributes.Directory) == 0)
            {
                File.Delete(path);
                return;
            }

            // Renamed first, so that a task which still runs can neither add files while the tree goes away nor publish from it.
            var doomed = Path.Join(Path.GetDirectoryName(path), $"_deleted-{Guid.NewGuid():N}");
            Directory.Move(path, doomed);
            DeleteAll(doomed);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody else removed it: what was asked for is so.
        }
    }

    public void DeleteIfEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: false);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else removed it.
        }
        catch (IOException) when (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            // Something is in it.
        }
    }

    /// <summary>
    /// Nobody finds the directory under its new name. But a call that was already on its way may still add a file after the listing. Then
    /// the directory is not empty at the end, and the late file is removed too.
    /// </summary>
    private static void DeleteAll(string directory)
    {
        const int Most = 100;
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(directory, recursive: true);
                return;
            }
            catch (IOException) when (tries < Most && Directory.Exists(directory))
            {
            }
        }
    }

    private static FileEntry? EntryOf(FileSystemInfo info, string path)
    {
        // The length and time that .NET reports for a link are the link's own.
        if (info.LinkTarget is not null)
        {
            if (info.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } final)
            {
                return null;
            }

            info = final;
        }

        return info switch
        {
            FileInfo file => new FileEntry(path, file.Length, file.LastWriteTimeUtc.Ticks),
            _ => new FileEntry(path, 0, info.LastWriteTimeUtc.Ticks, IsDirectory: true),
        };
    }

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
