using System.Collections.Concurrent;
using System.Globalization;

namespace MicroSpark.Memory;

/// <summary>
/// Finds the spill folders of processes that died. A folder <c>X</c> lives while its process holds <c>X.lock</c> open and locked, which the
/// system ends with the process. File systems without locks, and hosts that share one, are why the process id must be free too.
/// <para>
/// The system's temporary folder is everybody's, and so is what lies there under any name. Nothing is swept from a folder where others can
/// put something in the place of what is this user's, nor what is another user's, or a link, or was open to others. Where the system does
/// not tell who owns a file, nothing is swept.
/// </para>
/// </summary>
internal static class SpillLeftovers
{
    public const string Prefix = "microspark-spill-";
    private const string Suffix = ".lock";

    private static readonly ConcurrentDictionary<string, bool> s_ours = new();

    /// <summary>Takes the lock of a folder that is about to be made.</summary>
    public static FileStream Lock(string folder)
    {
        var options = new FileStreamOptions
        { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        s_ours[folder] = true;
        return new FileStream(folder + Suffix, options);
    }

    /// <summary>Removes a folder and then, while it is still held, its lock.</summary>
    public static void Remove(string folder, FileStream held)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            File.Delete(folder + Suffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever makes a folder here next tries again.
        }
        finally
        {
            held.Dispose();
            s_ours.TryRemove(folder, out _);
        }
    }

    public static void Sweep(string root)
    {
        if (!OperatingSystem.IsWindows() && FileOwner.Of(Followed(root)) is not { IsTrusted: true, KeepsEntries: true })
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(root, Prefix + "*" + Suffix))
        {
            var folder = path[..^Suffix.Length];
            if (!s_ours.ContainsKey(folder) && IsDead(Path.GetFileName(folder)) && IsOfThisUser(path, folder))
            {
                try
                {
                    Remove(folder, new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Locked by its process, or another user's.
                }
            }
        }
    }

    /// <summary>The folder itself may be given by a link: who gave it is trusted.</summary>
    private static string Followed(string root) => Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root;

    private static bool IsOfThisUser(string held, string folder) => OperatingSystem.IsWindows()
        || (FileOwner.Of(held) is { IsRegular: true, IsMine: true }
            && (FileOwner.Of(folder) is not { } found
                || found is { IsDirectory: true, IsMine: true, GroupCanWrite: false, AllCanWrite: false }));

    private static bool IsDead(string name)
    {
        var id = name.AsSpan(Prefix.Length);
        var dash = id.IndexOf('-');
        if (dash < 0 || !int.TryParse(id[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
        {
            return false;
        }

        // Another process may have the id by now, this one too: then the lock alone decides.
        return process == Environment.ProcessId || !IsRunning(process);
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
