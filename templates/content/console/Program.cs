using MicroSpark;

// Counts the words of the files that it is given: dotnet run -c Release -- FILE...
// ConnectAsync() in place of StartLocalAsync() computes on the cluster of the settings.
await using var spark = await MicroSparkContext.StartLocalAsync();
var counts = await spark
    .TextFile(args.Length > 0 ? string.Join(',', args) : "Program.cs")
    .FlatMap(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
    .Map(word => (Word: word, Count: 1L))
    .ReduceByKey((left, right) => left + right)
    .TakeOrderedAsync(10, row => (-row.Value, row.Key));
foreach (var (word, count) in counts)
{
    Console.WriteLine($"{count,8:N0}  {word}");
}
