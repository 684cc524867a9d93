using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>The ten most frequent words of a generated text, from the file to the answer.</summary>
internal sealed class WordCount(int megabytes) : IWorkload
{
    private const int Top = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-bench-").FullName;
    private int _runs;

    public string Name => "wordcount";

    public string Description => $"the {Top} most frequent words of {megabytes} MB of Zipf-distributed text";

    private string Text => Path.Join(_folder, "text.txt");

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        ZipfText.Write(Text, megabytes * 1_000_000L);
        MicroSparkContext spark = await contexts.CompiledAsync();
        return
        [
            new Contender(Contender.Ours, () => CountAsync(spark)),
            new Contender(Contender.HandWritten, () => Task.FromResult(Answer(First(Loop())))),
            new Contender(Contender.Plinq, () => Task.FromResult(Answer(First(File.ReadLines(Text).AsParallel()
                .SelectMany(line => line.Split(' '))
                .GroupBy(word => word)
                .Select(group => KeyValuePair.Create(group.Key, group.LongCount())))))),
        ];
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    // The same recipe on the same file would find the shuffle output of the run before and count nothing. A file with another time is
    // another input.
    private async Task<string> CountAsync(MicroSparkContext spark)
    {
        File.SetLastWriteTimeUtc(Text, DateTime.UnixEpoch.AddSeconds(_runs++));
        return Answer(await spark.TextFile(Text)
            .FlatMap(line => line.Split(' '))
            .Map(word => (Key: word, Value: 1L))
            .ReduceByKey((a, b) => a + b)
            .TakeOrderedAsync(Top, entry => (-entry.Value, entry.Key)));
    }

    // A table for each core over its share of the file, then one of them all.
    private Dictionary<string, long> Loop()
    {
        int threads = Environment.ProcessorCount;
        long length = new FileInfo(Text).Length;
        var tables = new Dictionary<string, long>[threads];
        Thread[] running = [.. Enumerable.Range(0, threads).Select(i => new Thread(
            () => tables[i] = Count(length * i / threads, length * (i + 1) / threads)))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
        foreach (Dictionary<string, long> table in tables.Skip(1))
        {
            foreach ((string word, long count) in table)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(tables[0], word, out _) += count;
            }
        }

        return tables[0];
    }

    // The lines that start in a range of bytes. The text is ASCII, so a line has as many bytes as characters.
    private Dictionary<string, long> Count(long start, long end)
    {
        var counts = new Dictionary<string, long>();
        using var file = new FileStream(Text, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 18);
        long position = Math.Max(0, start - 1);
        file.Position = position;
        using var reader = new StreamReader(file, bufferSize: 1 << 18);
        if (start > 0)
        {
            position += reader.ReadLine()!.Length + 1;
        }

        while (position < end && reader.ReadLine() is { } line)
        {
            position += line.Length + 1;
            foreach (string word in line.Split(' '))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
            }
        }

        return counts;
    }

    private static IEnumerable<(string Word, long Count)> First(IEnumerable<KeyValuePair<string, long>> counts) => counts
        .OrderByDescending(entry => entry.Value)
        .ThenBy(entry => entry.Key, StringComparer.Ordinal)
        .Take(Top)
        .Select(entry => (entry.Key, entry.Value));

    private static string Answer(IEnumerable<(string Word, long Count)> words) => string.Join(' ', words.Select(entry => $"{entry.Word}:{entry.Count}"));
}
