using System.Buffers;
using System.Text;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Formats;
using MicroSpark.Formats.Csv;
using MicroSpark.Formats.Json;
using MicroSpark.Memory;
using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Formats.Parquet;
using MicroSpark.Tests.Infrastructure;
using Xunit.Abstractions;

namespace MicroSpark.Tests.Fuzz;

/// <summary>Each reader of files, values and plans, with bytes that nobody has thought of.</summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);

    public sealed record Person(string? Name, int Age, double[]? Marks);

    public sealed record Line(string? Name, int Age, DateTime When);

    public void Dispose()
    {
        _runner.Dispose();
        _folder.Dispose();
    }

    [Fact]
    [FuzzTarget]
    public void Plans() => Fuzzing.Run(new("plan", PlansOf(), static bytes => Plan.Decode(bytes, CodeSpace.Process), IsOfMissingCode), output);

    [Fact]
    [FuzzTarget]
    public void Skeletons() => Fuzzing.Run(new("skeleton", PlansOf(), static bytes =>
    {
        EncodedPlan.ReadSkeleton(bytes);
        EncodedPlan.ReadBlobs(bytes);
        EncodedPlan.ReadAssemblies(bytes);
    }), output);

    [Fact]
    [FuzzTarget]
    public void Values() => Fuzzing.Run(new(
        "values",
        [ValueCodec.Encode<object?>(new Dictionary<string, object?> { ["a"] = new List<int[]> { new[] { 1 } }, ["b"] = null, ["c"] = ("x", 2m) }, CodeSpace.Process)],
        static bytes => ValueCodec.Decode<object?>(bytes, CodeSpace.Process), IsOfMissingCode), output);

    [Fact]
    [FuzzTarget]
    public void Frames()
    {
        var encoded = new ArrayBufferWriter<byte>();
        ValueCodec.EncodeMany<string>(["a", "b"], encoded, CodeSpace.Process);
        var payload = encoded.WrittenSpan[1..].ToArray();
        Fuzzing.Run(new("frame", [new Frame(FrameHeader.Of(2, payload), payload).ToArray()], static bytes =>
        {
            var frame = bytes.Length < Frame.HeaderLength ? throw new InvalidDataException("short") : Frame.Of(bytes);
            new FrameDecoder<string>(CodeSpace.Process).Read(frame.Header, frame.Payload);
        }), output);
    }

    [Fact]
    [FuzzTarget]
    public void ObjectFiles()
    {
        var file = new MemoryStream();
        ObjectFileFormat.WriteHead(file, ElementShape.Of(typeof(Person)));
        var payload = new ArrayBufferWriter<byte>();
        ValueCodec.EncodeMany<Person>([new("a", 1, [2]), new(null, 3, null)], payload, CodeSpace.Process);
        var elements = payload.WrittenSpan[1..].ToArray();
        file.Write(new Frame(FrameHeader.Of(2, elements), elements).ToArray());
        ObjectFileFormat.WriteEnd(file, 2);
        Fuzzing.Run(new("object-file", [file.ToArray()], static bytes =>
        {
            var files = new MemoryFileSystem();
            using var reader = new ObjectFileReader<Person>(files.Add("/f", bytes), CodeSpace.Process, files);
            while (reader.Next(10, out _))
            {
            }
        }, IsOfMissingCode), output);
    }

    [Fact]
    [FuzzTarget]
    public void Parquet() => Fuzzing.Run(new("parquet", [HostileFileTests.Sample(ParquetBytes.None)], bytes =>
        ParquetBytes.Read<HostileFileTests.Row>(_folder.Write("fuzz.parquet", bytes), 100), Spare: 40 << 20), output);

    [Fact]
    [FuzzTarget]
    public void Csv() => Fuzzing.Run(new("csv", ["Name,Age,When\na,1,2020-01-02\n\"b \"\"q\"\"\",,x\n"u8.ToArray()], bytes =>
    {
        using var rows = new CsvRowReader<Line>(Split("fuzz.csv", bytes), new CsvOptions(), default);
        ReadAll(rows);
    }, Spare: 8 << 20), output);

    [Fact]
    [FuzzTarget]
    public void Json() => Fuzzing.Run(new("json", ["""{"Name":"a","Age":1,"Marks":[1,2.5]}"""u8.ToArray(), Encoding.UTF8.GetBytes("{\"Name\":null}\n{}\n")], bytes =>
    {
        using var rows = new JsonRowReader<Person>(Split("fuzz.json", bytes), new JsonFileOptions(), default, 1 << 20);
        ReadAll(rows);
    }, Spare: 8 << 20), output);

    /// <summary>An assembly that is not there is told apart from damage: sending it may help.</summary>
    private static bool IsOfMissingCode(Exception error) =>
        error is InvalidOperationException && error.Message.Contains("is not loaded here", StringComparison.Ordinal);

    private static void ReadAll<T>(RowReader<T> rows)
    {
        while (rows.Read())
        {
        }
    }

    private TextSplit Split(string name, byte[] bytes)
    {
        var file = LocalFileSystem.Instance.Stat(_folder.Write(name, bytes))!.Value;
        return new TextSplit(file.Path, 0, file.Length, file.Length, file.ModifiedTicks);
    }

    private byte[][] PlansOf() =>
    [
        PlanEncoder.Encode(Source.Parallelize(_runner, Enumerable.Range(0, 9).Select(static n => $"{n}"), 3).Node).Bytes,
        PlanEncoder.Encode(Source.Range(_runner, 0, 100, 1, 4).Map(static n => (n % 3, n)).ReduceByKey(static (a, b) => a + b).Node).Bytes,
    ];
}
