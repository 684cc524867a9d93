using System.IO.Compression;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Files;

/// <summary>A file of 3 MB may hold one line of 3 GB: it ends in an error that says so, and not in one of the runtime's.</summary>
public sealed class LongLineTests : IDisposable
{
    private const int Longest = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false, maxLineSize: Longest);

    public void Dispose()
    {
        _runner.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("long.txt")]
    [InlineData("long.txt.gz")]
    public async Task A_line_beyond_the_limit_is_named_with_its_setting(string name)
    {
        var path = Write(name, "short\n" + new string('x', 3 * Longest));
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.TextFile(_runner, path, 1).CountAsync());
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains($"line at byte 6 of '{path}' is longer than {Longest} bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:MaxLineSize", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Source.TextFile(_runner, Write("ok" + name, "short\n" + new string('x', Longest - 100)), 1).CountAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task So_is_a_JSON_value(bool isArray)
    {
        var text = $"\"{new string('x', 3 * Longest)}\"";
        var path = Write("long.json.gz", isArray ? $"[{text}]" : text);
        var error = await Assert.ThrowsAsync<TaskFailedException>(
            () => Source.JsonFile<string>(_runner, path, new JsonFileOptions { IsArray = isArray, BadRows = BadRows.Skip }).CountAsync());
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains("MicroSpark:MaxLineSize", error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = _folder.At(name);
        using var file = File.Create(path);
        using var stored = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        stored.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return path;
    }
}
