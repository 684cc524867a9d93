using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>The ten most frequent words of a generated text, from the file to the answer.</summary>
internal sealed class WordCount : IWorkload
{
    private const int Top = 10;

    private readonly TemporaryFolder _folder = new();
    private MicroSparkContext? _spark;
    private DuckDatabase? _duck;

    public string Name => "wordcount";

    public string Description => $"the {Top} most frequent words of 200 MB of Zipf-distributed text, from the file (which the system has in memory)";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(0.25, Contender.Plinq)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1, Contender.DuckDb)];

    private string Text => _folder.File("text.txt");

    public Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        var settings = contexts.Settings;
        var threads = settings.Threads;
        ZipfText.Write(Text, settings.Count(200_000_000));
        _duck = new DuckDatabase(settings);
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Contender.Ours, async () => Answer(await _spark!.TextFile(Text)
                .FlatMap(line => line.Split(' '))
                .Map(word => (Key: word, Value: 1L))
                .ReduceByKey((a, b) => a + b)
                .TakeOrderedAsync(Top, entry => (-entry.Value, entry.Key))))
            {
                Before = async () => _spark = await contexts.RenewAsync(),
            },
            Contender.Of(Contender.HandWritten, () => Answer(First(Loop(threads)))),
            Contender.Of(Contender.Plinq, () => Answer(First(File.ReadLines(Text).AsParallel().WithDegreeOfParallelism(threads)
                .SelectMany(line => line.Split(' '))
                .GroupBy(word => word)
                .Select(group => KeyValuePair.Create(group.Key, group.LongCount()))))),
            Contender.Of(Contender.DuckDb, () => _duck.Query(
                $$"""
                SELECT word || ':' || n
                FROM (SELECT word, count(*) AS n
                      FROM (SELECT unnest(string_split(line, ' ')) AS word
                            FROM read_csv('{{Text}}', columns = {'line': 'VARCHAR'}, delim = '\t', quote = '', escape = '', header = false))
                      GROUP BY word)
                ORDER BY n DESC, word LIMIT {{Top}}
                """)),
        ]);
    }

    public ValueTask DisposeAsync()
    {
        _duck?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    // A table for each thread over its share of the file, then one of them all.
    private Dictionary<string, long> Loop(int threads)
    {
        var length = new FileInfo(Text).Length;
        var tables = new Dictionary<string, long>[threads];
        Threads.Run(threads, index => tables[index] = Count(length * index / threads, length * (index + 1) / threads));
        foreach (var table in tables.Skip(1))
        {
            foreach ((var word, var count) in table)
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
        var position = Math.Max(0, start - 1);
        file.Position = position;
        using var reader = new StreamReader(file, bufferSize: 1 << 18);
        if (start > 0)
        {
            position += reader.ReadLine()!.Length + 1;
        }

        while (position < end && reader.ReadLine() is { } line)
        {
            position += line.Length + 1;
            foreach (var word in line.Split(' '))
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
