using System.Runtime.CompilerServices;

namespace MicroSpark.Samples;

/// <summary>How often each word occurs. A word is a run of characters that are no white space, case kept.</summary>
public static class WordCount
{
    /// <summary>The words of some files, folders or patterns, each with its count, in no order.</summary>
    public static Rdd<(string Word, long Count)> Of(MicroSparkContext spark, IReadOnlyList<string> paths)
    {
        // A comma separates paths, so that all files share one RDD's partitions; a name that has one needs an RDD of its own.
        var lines = paths.Any(path => path.Contains(','))
            ? spark.Union(paths.Select(path => spark.TextFile(path)))
            : spark.TextFile(string.Join(',', paths));
        return lines
            .FlatMap(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Map(word => (Word: word, Count: 1L))
            .ReduceByKey((left, right) => left + right)
            .Map(pair => (Word: pair.Key, Count: pair.Value));
    }

    /// <summary>The most frequent words first, equally frequent ones in ordinal order; all of them, or the first <paramref name="top"/>.</summary>
    public static async IAsyncEnumerable<(string Word, long Count)> RankedAsync(
        MicroSparkContext spark, IReadOnlyList<string> paths, int? top, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var counts = Of(spark, paths);
        if (top is { } limit)
        {
            foreach (var row in await counts.TakeOrderedAsync(limit, row => (-row.Count, row.Word), cancellationToken: cancellationToken))
            {
                yield return row;
            }
        }
        else
        {
            await foreach (var row in counts.SortBy(row => (-row.Count, row.Word)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                yield return row;
            }
        }
    }
}
