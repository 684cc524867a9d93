using BenchmarkDotNet.Attributes;
using MicroSpark.Files;

namespace MicroSpark.Bench.Micro;

/// <summary>Lines of a file as strings beside the framework's reader. The time is that of the whole text.</summary>
public class LineSplitting
{
    private const int Bytes = 20_000_000;

    private readonly string[] _chunk = new string[1024];
    private string _folder = "";
    private string _path = "";

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("microspark-bench-").FullName;
        _path = Path.Join(_folder, "text.txt");
        ZipfText.Write(_path, Bytes);
    }

    [GlobalCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public int MicroSpark()
    {
        var file = new FileInfo(_path);
        using var reader = new TextSplitReader(new TextSplit(_path, 0, file.Length, file.Length, file.LastWriteTimeUtc.Ticks));
        var lines = 0;
        for (int read; (read = reader.ReadLines(_chunk)) > 0;)
        {
            lines += read;
        }

        return lines;
    }

    [Benchmark(Baseline = true)]
    public int StreamReader()
    {
        using var reader = new StreamReader(_path);
        var lines = 0;
        while (reader.ReadLine() is not null)
        {
            lines++;
        }

        return lines;
    }
}
