using MicroSpark.Sources;

namespace MicroSpark.Tests.Operators;

public class SampleTests
{
    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Samples_are_a_function_of_the_seed(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var numbers = bench.Range(4_000);
            var sample = await numbers.Sample(false, 0.25, 42).CollectAsync();
            Assert.InRange(sample.Length, 850, 1_150);
            Assert.Equal(sample.Distinct().Order(), sample);
            Assert.Equal(sample, await numbers.Sample(false, 0.25, 42).CollectAsync());
            Assert.NotEqual(sample, await numbers.Sample(false, 0.25, 43).CollectAsync());
            var unseeded = numbers.Sample(false, 0.5);
            Assert.Equal(await unseeded.CollectAsync(), await unseeded.CollectAsync());
            Assert.Equal(4_000, await numbers.Sample(false, 1, 1).CountAsync());
            Assert.Empty(await numbers.Sample(false, 0, 1).CollectAsync());
            var repeated = await numbers.Sample(true, 1.5, 7).CollectAsync();
            Assert.InRange(repeated.Length, 5_600, 6_400);
            Assert.Equal(repeated.Order(), repeated);
            Assert.True(repeated.Distinct().Count() < 3_500);
            Assert.InRange(await numbers.Sample(true, 1_000, 7).Filter(x => x < 10).CountAsync(), 9_000, 11_000);
            Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Sample(false, 1.1));
            Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Sample(true, -0.1));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Parts_of_a_split_are_disjoint_and_complete(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var parts = bench.Range(3_000).RandomSplit([2, 0, 1, 3], seed: 5);
            var collected = await Task.WhenAll(parts.Select(p => p.CollectAsync()));
            Assert.Equal(Enumerable.Range(0, 3_000).Select(i => (long)i), collected.SelectMany(p => p).Order());
            Assert.Empty(collected[1]);
            Assert.InRange(collected[3].Length, 1_350, 1_650);
            Assert.Throws<ArgumentException>(() => bench.Range(1).RandomSplit([1, -1]));
            Assert.Throws<ArgumentException>(() => bench.Range(1).RandomSplit([0, 0]));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task TakeSample_is_exact(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var numbers = bench.Range(1_000).Filter(x => x % 2 == 0);
            var sample = await numbers.TakeSampleAsync(false, 50, 3);
            Assert.Equal(50, sample.Distinct().Count());
            Assert.All(sample, x => Assert.Equal(0, x % 2));
            Assert.Equal(sample, await numbers.TakeSampleAsync(false, 50, 3));
            Assert.NotEqual(sample.Order(), sample);
            Assert.Equal(Enumerable.Range(0, 500).Select(i => 2L * i), (await numbers.TakeSampleAsync(false, 5_000)).Order());
            Assert.Equal(2_000, (await numbers.TakeSampleAsync(true, 2_000)).Length);
            Assert.Empty(await numbers.TakeSampleAsync(true, 0));
            Assert.Empty(await bench.Range(0).TakeSampleAsync(true, 5));
            Assert.Empty(await Source.Empty<int>(bench.Runner).TakeSampleAsync(false, 5));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => numbers.TakeSampleAsync(false, -1));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => numbers.TakeSampleAsync(true, int.MaxValue));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => numbers.TakeSampleAsync(false, 2_147_020_238));
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Samples_by_key(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var pairs = bench.Range(3_001).KeyBy(x => x % 3 == 0 ? "rare" : "often");
            var fractions = new Dictionary<string, double> { ["rare"] = 0.1, ["often"] = 0.5 };
            var some = await pairs.SampleByKey(false, fractions, 11).CollectAsync();
            Assert.InRange(some.Count(p => p.Key == "rare"), 60, 140);
            Assert.InRange(some.Count(p => p.Key == "often"), 900, 1_100);
            Assert.Equal(some, await pairs.SampleByKey(false, fractions, 11).CollectAsync());
            var exact = await pairs.SampleByKeyExact(false, fractions, 11).CollectAsync();
            Assert.Equal(101, exact.Count(p => p.Key == "rare"));
            Assert.Equal(1_000, exact.Count(p => p.Key == "often"));
            Assert.Equal(exact.Length, exact.Distinct().Count());
            Assert.All(exact, p => Assert.Equal(p.Value % 3 == 0 ? "rare" : "often", p.Key));
            Assert.Equal(1_101, await pairs.SampleByKeyExact(true, fractions, 12).CountAsync());
            fractions.Remove("often");
            await Assert.ThrowsAnyAsync<Exception>(() => pairs.SampleByKey(false, fractions).CountAsync());
            await Assert.ThrowsAnyAsync<Exception>(() => pairs.SampleByKeyExact(false, fractions).CountAsync());
            fractions["often"] = -1;
            Assert.Throws<ArgumentOutOfRangeException>(() => pairs.SampleByKey(false, fractions));
        });
}
