using CsCheck;
using MicroSpark.Partitioners;
using MicroSpark.Tests.Hashing;

namespace MicroSpark.Tests.Partitioners;

public sealed class PartitionerTests
{
    [Fact]
    public void Hash_partitioners_are_equal_by_count()
    {
        Partitioner<string> four = new HashPartitioner<string>(4);
        Assert.True(four == new HashPartitioner<string>(4));
        Assert.True(four != new HashPartitioner<string>(5));
        Assert.True(new HashPartitioner<int>(0) == new HashPartitioner<int>(0));
        Assert.False(four.Equals(new HashPartitioner<int>(4)));
        Assert.False(four == null);
        Assert.False(four.Equals(new RangePartitioner<string>(["a", "b", "c"], ascending: true)));
        Assert.Equal(four.GetHashCode(), new HashPartitioner<string>(4).GetHashCode());
    }

    [Fact]
    public void Bad_arguments_are_refused_at_the_call()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HashPartitioner<int>(-1));
        Assert.Contains("array", Assert.Throws<ArgumentException>(() => new HashPartitioner<int[]>(2)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new HashPartitioner<int>(0).GetPartition(1));
        Assert.Throws<ArgumentException>(() => new RangePartitioner<int>([2, 2], ascending: true));
    }

    [Fact]
    public void Null_goes_to_partition_0()
    {
        Assert.Equal(0, new HashPartitioner<string?>(7).GetPartition(null));
        Assert.Equal(0, new HashPartitioner<int?>(7).GetPartition(null));
        Assert.Equal(0, new HashPartitioner<string?>(0).GetPartition(null));
    }

    [Fact]
    public void Hash_partitions_are_in_range_and_even()
    {
        const int Partitions = 7, Keys = 70_000;
        var counts = new int[Partitions];
        var partitioner = new HashPartitioner<int>(Partitions);
        for (var i = 0; i < Keys; i++)
        {
            counts[partitioner.GetPartition(i)]++;
        }

        Assert.All(counts, n => Assert.InRange(n, 9_400, 10_600));
    }

    [Fact]
    public void A_batch_answers_as_one_by_one() => Gen.Select(Gen.Int.Array[0, 300], Gen.Int[1, 50], Gen.Bool).Check(
        example =>
        {
            var (keys, partitions, ascending) = example;
            int[] bounds = [.. Enumerable.Range(0, partitions - 1).Select(i => i * 1000)];
            Partitioner<int>[] all = [new HashPartitioner<int>(partitions), new RangePartitioner<int>(bounds, ascending), new Modulo(partitions)];
            foreach (var partitioner in all)
            {
                var targets = new int[keys.Length];
                partitioner.GetPartitions(keys, targets);
                Assert.Equal(keys.Select(partitioner.GetPartition), targets);
                Assert.All(targets, t => Assert.InRange(t, 0, partitioner.NumPartitions - 1));
            }

            return true;
        });

    [Fact]
    public void A_users_partitioner_that_leaves_its_range_is_named()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Modulo(0).GetPartitions([5], new int[1]));
        Assert.Contains(nameof(Modulo), error.Message, StringComparison.Ordinal);
        Assert.Contains("'5'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void A_key_up_to_a_bound_goes_to_its_range_at_the_latest(int count)
    {
        int[] bounds = [.. Enumerable.Range(1, count).Select(i => i * 10)];
        var up = new RangePartitioner<int>(bounds, ascending: true);
        var down = new RangePartitioner<int>(bounds, ascending: false);
        Assert.Equal(count + 1, up.NumPartitions);
        for (var key = -5; key < (count + 2) * 10; key++)
        {
            var expected = bounds.TakeWhile(b => b < key).Count();
            Assert.Equal(expected, up.GetPartition(key));
            Assert.Equal(count - expected, down.GetPartition(key));
        }
    }

    [Fact]
    public void Range_partitioners_are_equal_by_bounds_and_direction()
    {
        var up = new RangePartitioner<string>(["b", "d"], ascending: true);
        Assert.True(up == new RangePartitioner<string>(["b", "d"], ascending: true));
        Assert.True(up != new RangePartitioner<string>(["b", "d"], ascending: false));
        Assert.True(up != new RangePartitioner<string>(["b", "e"], ascending: true));
        Assert.True(up != new RangePartitioner<string>(["b", "d"], ascending: true, StringComparer.OrdinalIgnoreCase));
        Assert.Equal(0, new RangePartitioner<string?>(["b"], ascending: true).GetPartition(null));
    }

    [Fact]
    public void Strings_lie_in_ordinal_ranges()
    {
        var partitioner = new RangePartitioner<string>(["Z", "a"], ascending: true);
        Assert.Equal([0, 1, 2], new[] { "B", "a", "é" }.Select(partitioner.GetPartition));
    }

    [Fact]
    public void Bounds_split_the_weight_evenly()
    {
        var even = Enumerable.Range(1, 100).Reverse().Select(i => (i, 1f)).ToArray();
        Assert.Equal([25, 50, 75], RangeBounds.Determine<int>(even, 4));
        Assert.Equal([75, 50, 25], RangeBounds.Determine(even, 4, Comparer<int>.Create((a, b) => b.CompareTo(a))).Select(b => b - 1));
        Assert.Equal([1], RangeBounds.Determine<int>([(1, 98f), (2, 1f), (3, 1f)], 2));
        Assert.Equal([1, 2], RangeBounds.Determine<int>([(3, 1f), (1, 1f), (2, 1f)], 10));
        Assert.Empty(RangeBounds.Determine<int>([(3, 1f), (3, 1f)], 10));
        Assert.Empty(RangeBounds.Determine<int>(even, 1));
        Assert.Empty(RangeBounds.Determine<int>([], 4));
    }

    [Fact]
    public void Equal_keys_make_one_bound() => Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Float[0.5f, 5f]).Array[0, 200], Gen.Int[1, 30]).Check(
        (samples, partitions) =>
        {
            var distinct = samples.Select(s => s.Item1).Distinct().Count();
            var bounds = RangeBounds.Determine<int>(samples, partitions);
            return bounds.Length <= Math.Min(partitions - 1, distinct) && bounds.Distinct().Order().SequenceEqual(bounds);
        });

    [Fact]
    public void A_sample_is_three_times_its_share()
    {
        Assert.Equal(1500, RangeBounds.SampleSize(partitions: 100, inputs: 4));
        Assert.Equal(RangeBounds.SampleSize(partitions: 100, inputs: 4), RangeBounds.SampleSize(partitions: 2, inputs: 4));
        Assert.Equal(3_000_000, RangeBounds.SampleSize(partitions: 1_000_000, inputs: 1));
        Assert.Equal(0, RangeBounds.SampleSize(partitions: 4, inputs: 0));
    }

    private sealed class Modulo(int partitions) : Partitioner<int>
    {
        public override int NumPartitions => partitions;

        public override int GetPartition(int key) => partitions == 0 ? key : (int)((uint)key % (uint)partitions);
    }
}
