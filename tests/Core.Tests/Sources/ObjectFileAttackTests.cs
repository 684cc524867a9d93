using System.Diagnostics;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Sources;

/// <summary>An object file is whoever wrote it. What it says may be wrong, and is never run.</summary>
public sealed class ObjectFileAttackTests
{
    [Fact]
    public async Task A_dictionary_whose_comparer_is_a_function_runs_nothing_when_it_is_read()
    {
        using var folder = new TemporaryFolder();
        var (path, mark) = (Path.Join(folder.Path, "part-00000"), Path.Join(folder.Path, "mark"));
        var comparer = EqualityComparer<string>.Create(static (_, _) => true, Touch);
        await File.WriteAllBytesAsync(path, HostileBytes.ObjectFile(new Dictionary<string, int>(comparer) { [mark] = 1 }));
        File.Delete(mark); // The attacker's own dictionary asked its comparer too.
        using var runner = new LocalRunner(1, fused: true, simulated: false);

        var error = await Record.ExceptionAsync(() => Source.ObjectFile<Dictionary<string, int>>(runner, path).CountAsync());

        Assert.False(File.Exists(mark), "Reading the file ran a process.");
        Assert.Contains("a comparer made of a function", Assert.IsType<TaskFailedException>(error).Message, StringComparison.Ordinal);
    }

    private static int Touch(string path)
    {
        using var process = Process.Start("touch", path);
        process.WaitForExit();
        return 0;
    }
}
