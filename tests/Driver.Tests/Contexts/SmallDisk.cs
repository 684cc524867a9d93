using System.Diagnostics;

namespace MicroSpark.Tests.Contexts;

/// <summary>A file system in memory with little room, mounted on a folder.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    public SmallDisk(string folder, string size)
    {
        _folder = folder;
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder))
        {
            throw new InvalidOperationException($"No tmpfs could be mounted on '{folder}'.");
        }
    }

    /// <summary>Null when this process may mount one, else why not.</summary>
    public static string? WhyNot { get; } = Try();

    public void Dispose() => Run("umount", "-l", _folder);

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "Mounting a small disk takes root on Linux.";
        }

        var folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;
        try
        {
            using var disk = new SmallDisk(folder, "1m");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return e.Message;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
