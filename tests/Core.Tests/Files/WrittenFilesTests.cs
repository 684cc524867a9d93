using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Files;

/// <summary>
/// Object files and checkpoints that each version of the past wrote are read by this one, or refused by name. They lie in the folder Written,
/// and whoever gives out a version adds what it writes: WRITE_FILES=1 dotnet test tests/Core.Tests -c Release --filter WrittenFilesTests. A file
/// that lies there is never written again.
/// </summary>
public sealed class WrittenFilesTests
{
    private static readonly JsonSerializerOptions s_json = new() { IncludeFields = true };

    public enum Kind : byte
    {
        Plain,
        Odd = 7,
    }

    public sealed record Address(string Street, int? Number);

    public sealed record Order(int Id, string? Text, Kind Kind, decimal Price, DateTime At, TimeSpan Took, Guid Key, Address? To, List<double> Lines);

    public readonly record struct Point(double X, float Y);

    public static TheoryData<string> Versions => [.. Directory.GetDirectories(Folder()).Select(static folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_a_version_wrote_is_read(string version)
    {
        var folder = Path.Join(Folder(), version);
        await IsReadAsync(folder, "orders", Orders);
        await IsReadAsync(folder, "checkpoint", Orders);
        await IsReadAsync(folder, "tuples", Tuples);
        await IsReadAsync(folder, "texts", Texts);
        await IsReadAsync(folder, "points", Points);
        await IsReadAsync(folder, "objects", Objects);
    }

    [Fact]
    public async Task This_version_adds_what_it_writes_when_it_is_told_to()
    {
        if (Environment.GetEnvironmentVariable("WRITE_FILES") != "1")
        {
            Assert.True(Directory.Exists(Path.Join(Folder(), "1.0.0")));
            return;
        }

        var folder = Path.Join(Folder(), VersionOfBuild());
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        await Source.Parallelize(runner, Orders, 2).SaveAsObjectFileAsync(Path.Join(folder, "orders"));
        await Source.Parallelize(runner, Tuples, 2).SaveAsObjectFileAsync(Path.Join(folder, "tuples"));
        await Source.Parallelize(runner, Texts, 2).SaveAsObjectFileAsync(Path.Join(folder, "texts"));
        await Source.Parallelize(runner, Points, 2).SaveAsObjectFileAsync(Path.Join(folder, "points"));
        await Source.Parallelize(runner, Objects, 2).SaveAsObjectFileAsync(Path.Join(folder, "objects"));
        using var checkpoints = new TemporaryFolder();
        runner.CheckpointDirectory = checkpoints.Path;
        await Source.Parallelize(runner, Orders, 2).Map(static order => order).Checkpoint().CountAsync();
        Directory.Move(Directory.GetDirectories(checkpoints.Path, "rdd-*").Single(), Path.Join(folder, "checkpoint"));
    }

    private static Order?[] Orders =>
    [
        new(1, "plain", Kind.Plain, 1.10m, new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc), TimeSpan.FromMilliseconds(1.5),
            new Guid("00112233-4455-6677-8899-aabbccddeeff"), new Address("Lane", 5), [1.5, double.NaN, -0.0]),
        null,
        new(-2, null, Kind.Odd, decimal.MaxValue, DateTime.MinValue, TimeSpan.MinValue, Guid.Empty, new Address("", null), []),
        new(int.MaxValue, "ä 漢 \U0001F600 \0", Kind.Odd, 0, DateTime.MaxValue, TimeSpan.Zero, Guid.Empty, null, [double.MaxValue]),
    ];

    private static (string? Name, long Count, double[] Parts)[] Tuples => [("a", 1, [0.5]), (null, long.MinValue, []), ("", -1, [double.PositiveInfinity])];

    private static string?[] Texts => ["", null, "line\nline", new string('x', 1000)];

    private static Point[] Points => [new(1, 2), new(double.Epsilon, float.NegativeInfinity)];

    private static object?[] Objects =>
    [
        1, "one", null, 2.5, new[] { 1, 2 }, new List<string> { "a", "b" }, new Dictionary<string, long> { ["k"] = 3 }, new BigInteger(1) << 100,
        (1, "t"), DayOfWeek.Friday, new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), new Version(1, 2, 3),
    ];

    private static async Task IsReadAsync<T>(string folder, string name, T[] expected)
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var read = await Source.ObjectFile<T>(runner, Path.Join(folder, name)).CollectAsync();
        Assert.Equal(expected.Select(Text), read.Select(Text));
    }

    /// <summary>With the type in front, since any number looks like another one.</summary>
    private static string Text<T>(T item) => item switch
    {
        null => "null",
        BigInteger or Version => $"{item.GetType()} {item}",
        Order order => $"{order with { Lines = [] }} {order.At.Kind} {string.Join(';', order.Lines.Select(static line => BitConverter.DoubleToInt64Bits(line)))}",
        Point point => $"{BitConverter.DoubleToInt64Bits(point.X)} {BitConverter.SingleToInt32Bits(point.Y)}",
        ValueTuple<string?, long, double[]> row => $"'{row.Item1}' {row.Item1 is null} {row.Item2} {string.Join(';', row.Item3)}",
        _ => $"{item.GetType()} {JsonSerializer.Serialize(item, item.GetType(), s_json)}",
    };

    private static string VersionOfBuild() =>
        typeof(Order).Assembly.GetReferencedAssemblies().Single(static name => name.Name == "MicroSpark.Core").Version!.ToString(2)
            + "." + System.Diagnostics.FileVersionInfo.GetVersionInfo(typeof(Rdd<>).Assembly.Location).FileBuildPart;

    private static string Folder([CallerFilePath] string here = "") => Path.Join(Path.GetDirectoryName(here), "Written");
}
