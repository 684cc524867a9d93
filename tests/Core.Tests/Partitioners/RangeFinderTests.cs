using CsCheck;
using MicroSpark.Partitioners;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Partitioners;

public sealed class RangeFinderTests
{
    [Fact]
    public void Finds_what_the_partitioner_does()
    {
        Finds(Gen.Int[-40, 40]);
        Finds(Gen.Long);
        Finds(Gen.Double);
        Finds(Gen.Int[0, 9].Select(i => new[] { double.NaN, -0.0, 0.0, 1, -1, double.MaxValue, double.NegativeInfinity, 3, 4, 5 }[i]));
        Finds(Gen.String[Gen.Char["abc"], 0, 4]);
    }

    private static void Finds<K>(Gen<K> keys) => Gen.Select(keys.Array[0, 60], keys.Array[20], Gen.Bool).Check(
        example =>
        {
            var (bounds, probes, ascending) = example;
            var ordered = RangeBounds.Determine<K>(bounds.Select(key => (key, 1f)).ToArray(), partitions: bounds.Length + 1);
            var partitioner = new RangePartitioner<K>(ordered, ascending);
            var finder = new RangeFinder<K>(ordered, ascending, null);
            return probes.Concat(bounds).All(key => finder.Of(key) == partitioner.GetPartition(key));
        });
}
