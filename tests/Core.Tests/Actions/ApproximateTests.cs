using MicroSpark.Hashing;
using MicroSpark.Sources;
using MicroSpark.Statistics;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Actions;

public class ApproximateTests
{
    private static readonly TimeSpan s_ages = TimeSpan.FromHours(1);

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task In_time_they_are_exact(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var numbers = bench.Range(100);
            Assert.Equal(new PartialResult<BoundedDouble>(new BoundedDouble(100, 1, 100, 100), true), await numbers.CountApproxAsync(s_ages));
            Assert.Equal(new PartialResult<BoundedDouble>(new BoundedDouble(49.5, 1, 49.5, 49.5), true), await numbers.MeanApproxAsync(s_ages));
            Assert.Equal(new PartialResult<BoundedDouble>(new BoundedDouble(4950, 1, 4950, 4950), true), await numbers.SumApproxAsync(s_ages));
            var byValue = await numbers.Map(x => x % 3).CountByValueApproxAsync(s_ages);
            Assert.True(byValue.IsFinal);
            Assert.Equal(new BoundedDouble(34, 1, 34, 34), byValue.Value[0]);
            var byKey = await numbers.KeyBy(x => x % 3).CountByKeyApproxAsync(s_ages);
            Assert.Equal(byValue.Value, byKey.Value);
            Assert.Equal(new BoundedDouble(0, 1, 0, 0), (await Source.Empty<int>(bench.Runner).CountApproxAsync(s_ages)).Value);
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => numbers.CountApproxAsync(s_ages, 1.5));
            await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Of<string?>("a", null).CountByValueApproxAsync(s_ages)!);
        });

    [Fact]
    public async Task When_time_is_over_they_return_what_is_known()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var stuck = Source.Range(runner, 0, 10, 1, 2).Map(x => Hold.Until(x));
        var result = await stuck.CountApproxAsync(TimeSpan.Zero);
        Hold.Gate.Set();
        Assert.Equal(new PartialResult<BoundedDouble>(new BoundedDouble(0, 0, 0, double.PositiveInfinity), false), result);
    }

    [Fact]
    public void Estimates_hold_the_truth_about_as_often_as_they_say()
    {
        var random = new Random(5);
        var (counts, sums, means, rounds) = (0, 0, 0, 400);
        for (var round = 0; round < rounds; round++)
        {
            var (seen, all) = (Moments.None, Moments.None);
            for (var i = 0; i < 2_000; i++)
            {
                var number = random.NextDouble() * 10;
                all.Add(number);
                if (random.Next(4) == 0)
                {
                    seen.Add(number);
                }
            }

            counts += Holds(Estimates.Count(seen.Count, 0.25, 0.95), 2_000);
            sums += Holds(Estimates.Sum(seen, 0.25, 0.95), all.Sum);
            means += Holds(Estimates.Mean(seen, 0.25, 0.95), all.Mean);
        }

        Assert.All([counts, sums, means], held => Assert.InRange(held, rounds * 0.92, rounds));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Distinct_counts(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            foreach (var (distinct, deviation) in new[] { (20, 0.05), (3_000, 0.05), (20_000, 0.02) })
            {
                var estimate = await bench.Range(2L * distinct).Map(x => x % distinct).CountApproxDistinctAsync(deviation);
                Assert.InRange(estimate, distinct * (1 - (3 * deviation)), distinct * (1 + (3 * deviation)));
            }

            Assert.Equal(3, await bench.Of("a", null, "b", "a", null).CountApproxDistinctAsync());
            Assert.Equal(0, await Source.Empty<int>(bench.Runner).CountApproxDistinctAsync());
            var byKey = await bench.Range(6_000).Map(x => (Key: x % 2, Value: x % 3_000)).CountApproxDistinctByKey(0.03).CollectAsync();
            Assert.Equal(2, byKey.Length);
            Assert.All(byKey, pair => Assert.InRange(pair.Value, 1_365, 1_635));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bench.Range(1).CountApproxDistinctAsync(0.00001));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bench.Range(1).CountApproxDistinctAsync(0));
        });

    [Fact]
    public void Sketches_are_near_over_their_whole_range()
    {
        for (var n = 1; n < 200_000; n = (n * 3 / 2) + 1)
        {
            var sketch = new HyperLogLog(12);
            for (var i = 0; i < n; i++)
            {
                sketch.Add(StableHash<int>.Of(i));
            }

            Assert.InRange(sketch.Estimate(), n * 0.94, n * 1.06);
        }
    }

    private static int Holds(BoundedDouble estimate, double truth) => truth >= estimate.Low && truth <= estimate.High ? 1 : 0;

    /// <summary>Holds elements until the test lets go.</summary>
    internal static class Hold
    {
        public static readonly ManualResetEventSlim Gate = new();

        public static long Until(long x)
        {
            Gate.Wait();
            return x;
        }
    }
}
