using BenchmarkDotNet.Attributes;

namespace MicroSpark.Bench.Micro;

/// <summary>What moving and sorting costs a record, seen from the public surface: the loops behind it change with the engine.</summary>
/// <remarks>Every call gets a context of its own, made off the clock: the same recipe, run again, would find its blocks.</remarks>
public class Shuffles
{
    private const int Count = 4_000_000;

    private readonly (int Key, long Value)[] _pairs = Data.Pairs(Count, keys: Count, seed: 1);
    private readonly long[] _longs = Data.Longs(Count, seed: 2);
    private readonly Contexts _contexts = new(new Settings(Runs: 1, Threads: 2, Scale: 1, Megabytes: 1, Peers: []));
    private Rdd<(int Key, long Value)>? _pairRdd;
    private Rdd<long>? _longRdd;

    [IterationSetup]
    public void Renew()
    {
        var spark = _contexts.RenewAsync().GetAwaiter().GetResult();
        _pairRdd = spark.Parallelize(_pairs);
        _longRdd = spark.Parallelize(_longs);
    }

    [GlobalCleanup]
    public void Close() => _contexts.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Count)]
    public long PartitionBy() => _pairRdd!.PartitionBy(new HashPartitioner<int>(16)).Values().SumAsync().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Count)]
    public long GroupByKey() => _pairRdd!.GroupByKey().CountAsync().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Count)]
    public long SortBy() => _longRdd!.SortBy(value => value).Map(value => value & 1).SumAsync().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Count)]
    public long Distinct() => _longRdd!.Distinct().CountAsync().GetAwaiter().GetResult();
}
