using BenchmarkDotNet.Attributes;
using MicroSpark.Hashing;

namespace MicroSpark.Bench.Micro;

/// <summary>The stable hash of words beside the framework's, which differs from process to process.</summary>
public class TextHashing
{
    private string[] _words = [];

    [Params(4, 12, 60)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        _words = [.. Enumerable.Range(0, 1000).Select(_ => new string([.. Enumerable.Range(0, Length).Select(_ => (char)('a' + random.Next(26)))]))];
    }

    [Benchmark(OperationsPerInvoke = 1000)]
    public ulong Stable()
    {
        ulong hash = 0;
        foreach (var word in _words)
        {
            hash += StableHash<string>.Of(word);
        }

        return hash;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = 1000)]
    public long Framework()
    {
        long hash = 0;
        foreach (var word in _words)
        {
            hash += word.GetHashCode();
        }

        return hash;
    }
}
