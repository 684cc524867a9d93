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

    [Fact]
    public async Task Behind_object_a_file_brings_only_types_that_the_program_names()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Join(folder.Path, "part-00000");
        await File.WriteAllBytesAsync(path, HostileBytes.ObjectFile(new Box("a", [1, "b", new Gem(2), new List<Gem>()], [new Gem(3)], new Gem(4))));
        using var runner = new LocalRunner(1, fused: true, simulated: false);

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.ObjectFile<Box>(runner, path).CountAsync());
        Assert.Contains("knownTypes: [typeof(Gem)]", error.Message, StringComparison.Ordinal);
        var box = Assert.Single(await Source.ObjectFile<Box>(runner, path, [typeof(Gem)]).CollectAsync());
        Assert.Equal((new Gem(2), 3), (box.Anything[2], box.Stones.Single().Size));
        Assert.Throws<ArgumentException>(() => Source.ObjectFile<Box>(runner, path, [typeof(Action)]));
    }

    [Fact]
    public async Task What_the_program_declares_needs_no_list()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Join(folder.Path, "part-00000");
        var chest = new Chest([new Gem(1)], new Gem(2), new Dictionary<string, Gem>(new Caseless()) { ["A"] = new Gem(3) });
        await File.WriteAllBytesAsync(path, HostileBytes.ObjectFile(chest));
        using var runner = new LocalRunner(1, fused: true, simulated: false);

        var read = Assert.Single(await Source.ObjectFile<Chest>(runner, path).CollectAsync());

        Assert.Equal((1, 2, 3), (read.Stones.Single().Size, ((Gem)read.Best).Size, read.ByName["a"].Size));
    }

    private abstract record Stone(int Size);

    private sealed record Gem(int Size) : Stone(Size);

    private sealed record Box(string Name, object[] Anything, IReadOnlyList<Stone> Stones, object Best);

    private sealed record Chest(IReadOnlyList<Gem> Stones, Stone Best, IReadOnlyDictionary<string, Gem> ByName);

    private sealed class Caseless : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(string text) => StringComparer.OrdinalIgnoreCase.GetHashCode(text);
    }

    private static int Touch(string path)
    {
        using var process = Process.Start("touch", path);
        process.WaitForExit();
        return 0;
    }
}
