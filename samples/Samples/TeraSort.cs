using System.Globalization;

namespace MicroSpark.Samples;

/// <summary>The sort benchmark: makes records of 100 bytes with random keys, sorts them, and proves that the result is sorted and complete.</summary>
public static class TeraSort
{
    /// <summary>A record: a key of ten bytes (eight and two) and the rest.</summary>
    public readonly record struct Row((ulong High, ushort Low) Key, string Rest);

    // What one partition is like. The checksum, a sum of the rows' hashes, is the same for the same rows in any order.
    private sealed record Proof(long Rows, ulong Checksum, bool Sorted, (ulong, ushort) First, (ulong, ushort) Last);

    /// <summary>Sorts <paramref name="rows"/> generated records.</summary>
    /// <returns>How many partitions the result has.</returns>
    /// <exception cref="InvalidDataException">The result is not sorted, or rows are missing.</exception>
    public static async Task<int> RunAsync(MicroSparkContext spark, long rows, CancellationToken cancellationToken = default)
    {
        var generated = spark.Range(rows).Map(Generate);
        var sorted = generated.SortBy(row => row.Key);

        var before = await generated.MapPartitions(Prove).CollectAsync(cancellationToken);
        var after = await sorted.MapPartitions(Prove).CollectAsync(cancellationToken);
        var inOrder = after.All(p => p.Sorted) && after.Zip(after.Skip(1)).All(pair => pair.First.Last.CompareTo(pair.Second.First) <= 0);
        if (!inOrder || Total(before) != Total(after))
        {
            throw new InvalidDataException($"Expected {Total(before)} in order; found {Total(after)}, {(inOrder ? "in" : "not in")} order.");
        }

        return sorted.NumPartitions;
    }

    private static Row Generate(long index) =>
        new((Mix((ulong)index), (ushort)Mix(Mix((ulong)index))), index.ToString("D90", CultureInfo.InvariantCulture));

    private static IEnumerable<Proof> Prove(IEnumerable<Row> rows)
    {
        Proof? proof = null;
        foreach (var row in rows)
        {
            var hash = Mix(row.Key.High ^ Mix(row.Key.Low ^ Mix((ulong)long.Parse(row.Rest, CultureInfo.InvariantCulture))));
            proof = proof is null
                ? new Proof(1, hash, true, row.Key, row.Key)
                : new Proof(proof.Rows + 1, proof.Checksum + hash, proof.Sorted && proof.Last.CompareTo(row.Key) <= 0, proof.First, row.Key);
        }

        return proof is null ? [] : [proof];
    }

    private static (long Rows, ulong Checksum) Total(Proof[] proofs) => (proofs.Sum(p => p.Rows), proofs.Aggregate(0UL, (sum, p) => unchecked(sum + p.Checksum)));

    /// <summary>SplitMix64's finalizer (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).</summary>
    private static ulong Mix(ulong x)
    {
        x = unchecked((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9);
        x = unchecked((x ^ (x >> 27)) * 0x94D049BB133111EB);
        return x ^ (x >> 31);
    }
}
