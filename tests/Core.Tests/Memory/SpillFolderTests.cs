using System.Diagnostics;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Memory;

public sealed class SpillFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void It_is_made_when_needed_private_and_goes_when_disposed()
    {
        var folder = new SpillFolder(_root.At("deep/er"));
        Assert.False(Directory.Exists(_root.At("deep")));
        using (folder)
        {
            folder.CreateFile(out var path).Dispose();
            Assert.True(File.Exists(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Location));
            }
        }

        Assert.Empty(Directory.GetFileSystemEntries(_root.At("deep/er")));
    }

    [Fact]
    public void What_a_dead_process_left_is_swept_and_nothing_else_is()
    {
        using var living = new SpillFolder(_root.Path);
        living.CreateFile(out var alive).Dispose();
        var dead = Leave($"{SpillLeftovers.Prefix}{DeadProcess()}-a");
        var earlier = Leave($"{SpillLeftovers.Prefix}{Environment.ProcessId}-b");
        var unlocked = Leave($"{SpillLeftovers.Prefix}{Environment.ProcessId}-c", withLock: false);
        var foreign = Leave("someone-else");

        // A process that runs, though nothing shows that it holds the lock.
        var parent = Leave($"{SpillLeftovers.Prefix}1-d");

        using var next = new SpillFolder(_root.Path);
        next.CreateFile(out _).Dispose();
        Assert.False(Directory.Exists(dead));
        Assert.False(File.Exists(dead + ".lock"));
        Assert.False(Directory.Exists(earlier));
        Assert.All([unlocked, foreign, parent], f => Assert.True(Directory.Exists(f), f));
        Assert.True(File.Exists(alive));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_clear_error()
    {
        using var folder = new SpillFolder(_root.Write("a-file", "") + "/below");
        using var file = new SpillFile(folder, CodeSpace.Process);
        var error = Assert.Throws<SpillException>(() => file.Write<long>([1, 2, 3]));
        Assert.Contains("a-file", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:SpillDirectory", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:MemoryBudget", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Who can rename what lies in a folder could have another folder deleted in this user's name.</summary>
    [Fact]
    public void Nothing_is_swept_where_others_can_put_something_in_its_place()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var all = (UnixFileMode)0x1FF;
        var dead = Leave($"{SpillLeftovers.Prefix}{DeadProcess()}-a");
        File.SetUnixFileMode(_root.Path, all);
        SpillLeftovers.Sweep(_root.Path);
        Assert.True(Directory.Exists(dead));

        // As the system's temporary folder: others can make entries, and not touch this user's.
        File.SetUnixFileMode(_root.Path, all | UnixFileMode.StickyBit);
        SpillLeftovers.Sweep(_root.Path);
        Assert.False(Directory.Exists(dead));
    }

    [Fact]
    public void Links_and_what_others_can_write_or_own_are_left_alone()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var process = DeadProcess();
        var open = Leave($"{SpillLeftovers.Prefix}{process}-open");
        File.SetUnixFileMode(open, (UnixFileMode)0x1FF);
        var elsewhere = _root.Write("elsewhere/precious", "x");
        var link = _root.At($"{SpillLeftovers.Prefix}{process}-link");
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(elsewhere)!);
        _root.Write(Path.GetFileName(link) + ".lock", "");
        var lockedByLink = Leave($"{SpillLeftovers.Prefix}{process}-lock", withLock: false);
        File.CreateSymbolicLink(lockedByLink + ".lock", elsewhere);
        List<string> left = [open, link, lockedByLink];
        if (Environment.IsPrivilegedProcess)
        {
            var foreign = Leave($"{SpillLeftovers.Prefix}{process}-foreign");
            using var chown = Process.Start("chown", ["65534", foreign, foreign + ".lock"]);
            chown.WaitForExit();
            left.Add(foreign);
        }

        SpillLeftovers.Sweep(_root.Path);
        Assert.All(left, static path => Assert.True(Path.Exists(path) && Path.Exists(path + ".lock"), path));
        Assert.True(File.Exists(elsewhere));
    }

    private string Leave(string name, bool withLock = true)
    {
        _root.Write(name + "/1.frames", "left");
        if (withLock)
        {
            _root.Write(name + ".lock", "");
        }

        return _root.At(name);
    }

    private static int DeadProcess()
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "--version") { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.Id;
    }
}
