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
