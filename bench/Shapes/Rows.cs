using System.Globalization;
using System.Runtime.InteropServices;

namespace MicroSpark.Bench.Shapes;

/// <summary>A key as people have them in records.</summary>
internal sealed record Place(string Town, int Street);

/// <summary>What a row adds up.</summary>
internal sealed record Totals(long Count, double Sum, double Most);

/// <summary>A row of a table.</summary>
internal sealed record Sale(string Town, string Name, double Price, int Count);

/// <summary>Inputs, the same in every process, and answers as text.</summary>
internal static class Rows
{
    private const int Probes = 1000;

    /// <summary>Twelve characters that look random; another string each time, as readers make them.</summary>
    public static string Key(long number) => (SpillJobs.Scramble(number) & 0xFFFF_FFFF_FFFF).ToString("x12", CultureInfo.InvariantCulture);

    public static (string Key, long Value)[] Pairs(int count, int keys, int seed) =>
        Make(count, seed, random => (Key(random.Next(keys)), (long)random.Next(1_000_000)));

    public static Sale[] Sales(int count, int towns, int seed) =>
        Make(count, seed, random => new Sale(Key(random.Next(towns)), Key(random.Next(count)), random.Next(100_000) / 100.0, random.Next(1, 10)));

    public static T[] Make<T>(int count, int seed, Func<Random, T> row)
    {
        var random = new Random(seed);
        var rows = new T[count];
        for (var i = 0; i < count; i++)
        {
            rows[i] = row(random);
        }

        return rows;
    }

    public static Answer Of(string text) => () => Task.FromResult(text);

    public static Answer Of(long number) => Of(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What lies at equal distances in an array: a wrong order would show.</summary>
    public static Answer Probed<T>(T[] sorted, Func<T, string> text) =>
        () => Task.FromResult(string.Join(' ', sorted.Where((_, index) => index % Step(sorted.Length) == 0).Select(text)));

    public static Answer Probed<T>(Rdd<T> sorted, int count, Func<T, string> text)
    {
        var step = Step(count);
        return async () => string.Join(
            ' ', (await sorted.ZipWithIndex().Filter(entry => entry.Index % step == 0).Map(entry => entry.Value).CollectAsync()).Select(text));
    }

    public static Answer Probed(DuckDatabase duck, int count, string column) =>
        Of(duck.Query($"SELECT {column} FROM sorted WHERE rowid % {Step(count)} = 0 ORDER BY rowid"));

    public static int Step(int count) => Math.Max(1, count / Probes);

    /// <summary>Each thread sorts its share; then two threads merge two shares, one from either end.</summary>
    public static T[] Sorted<T>(T[] values, int threads, IComparer<T>? order = null)
    {
        var shares = new T[threads][];
        Threads.Run(threads, index =>
        {
            shares[index] = values[Threads.Start(values.Length, index, threads)..Threads.Start(values.Length, index + 1, threads)];
            Array.Sort(shares[index], order);
        });
        return shares.Aggregate((left, right) => Merged(left, right, order ?? Comparer<T>.Default));
    }

    /// <summary>A table for each thread over its share, then one of them all.</summary>
    public static Dictionary<K, C> Combined<T, K, C>(T[] rows, int threads, Action<Dictionary<K, C>, T> add, Func<C, C, C> merge)
        where K : notnull
    {
        var tables = new Dictionary<K, C>[threads];
        Threads.Run(threads, index =>
        {
            var table = new Dictionary<K, C>();
            foreach (var row in rows.AsSpan(Threads.Start(rows.Length, index, threads)..Threads.Start(rows.Length, index + 1, threads)))
            {
                add(table, row);
            }

            tables[index] = table;
        });
        foreach (var table in tables.Skip(1))
        {
            foreach ((var key, var value) in table)
            {
                ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(tables[0], key, out var exists);
                slot = exists ? merge(slot!, value) : value;
            }
        }

        return tables[0];
    }

    private static T[] Merged<T>(T[] left, T[] right, IComparer<T> order)
    {
        var merged = new T[left.Length + right.Length];
        var half = merged.Length / 2;
        Threads.Run(2, index =>
        {
            if (index == 0)
            {
                for (int l = 0, r = 0, to = 0; to < half; to++)
                {
                    merged[to] = r == right.Length || (l < left.Length && order.Compare(left[l], right[r]) <= 0) ? left[l++] : right[r++];
                }
            }
            else
            {
                for (int l = left.Length - 1, r = right.Length - 1, to = merged.Length - 1; to >= half; to--)
                {
                    merged[to] = l < 0 || (r >= 0 && order.Compare(left[l], right[r]) <= 0) ? right[r--] : left[l--];
                }
            }
        });
        return merged;
    }
}
