using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Shuffle;
using MicroSpark.Storage;

namespace MicroSpark.Tests.Shuffle;

public sealed class BucketBuilderTests
{
    public static TheoryData<int, int> Sizes()
    {
        var sizes = new TheoryData<int, int>();
        foreach (var buckets in new[] { 1, 3, 16, 17, 1000 })
        {
            foreach (var count in new[] { 0, 1, 100, 5000, 40_000 })
            {
                sizes.Add(buckets, count);
            }
        }

        // The third batch of each.
        sizes.Add(17, 400_000);
        sizes.Add(1000, 400_000);
        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Each_bucket_has_its_elements_in_order_of_arrival_however_often_it_spilled(int buckets, int count)
    {
        using var folder = new SpillFolder(null);
        using var code = CodeSpace.Create(useProcess: true);
        var limits = new (long Limit, bool Starved)[] { (long.MaxValue, false), (256 * 1024, false), (long.MaxValue, true) };
        var fingerprints = limits.Select(l => Check(buckets, count, new MemoryPool(l.Limit, 1, l.Starved).Open(folder, code))).ToArray();
        Assert.Single(fingerprints.Distinct());
    }

    private static ulong Check(int buckets, int count, TaskMemory memory)
    {
        using (memory)
        {
            var random = new Random(buckets + count);
            var expected = Enumerable.Range(0, buckets).Select(_ => new List<(long, int)>()).ToArray();
            var builder = new BucketBuilder<(long, int)>(buckets, memory);
            for (var i = 0; i < count; i++)
            {
                // Skewed: most go to one bucket.
                var bucket = random.Next(2) == 0 ? buckets / 2 : random.Next(buckets);
                expected[bucket].Add((i, bucket));
                builder.Add((i, bucket), bucket, (ulong)i);
            }

            using var block = (ElementBlock<(long, int)>)builder.Build();
            Assert.Equal(count, block.Count);
            for (var b = 0; b < buckets; b++)
            {
                var found = new List<(long, int)>();
                using var reader = block.Read(b);
                while (reader.Next(100, out var run))
                {
                    found.AddRange(run);
                }

                Assert.Equal(expected[b], found);
            }

            return block.Fingerprint;
        }
    }
}
