using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using MicroSpark.Hashing;
using MicroSpark.Tables;

namespace MicroSpark.Bench.Micro;

/// <summary>The table behind reduceByKey beside a dictionary: in the cache, and outside of it.</summary>
public class CombineTables
{
    private const int Count = 2_000_000;

    private (int Key, long Value)[] _pairs = [];

    [Params(10_000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Prepare() => _pairs = Data.Pairs(Count, Keys, seed: 1);

    [Benchmark(OperationsPerInvoke = Count)]
    public int Table()
    {
        var sums = new CombineTable<int, long>();
        foreach ((var key, var value) in _pairs)
        {
            sums.Slot(key, StableHash<int>.Of(key), out _) += value;
        }

        return sums.Count;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int Dictionary()
    {
        var sums = new Dictionary<int, long>();
        foreach ((var key, var value) in _pairs)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) += value;
        }

        return sums.Count;
    }
}
