using MicroSpark.Sources;

namespace MicroSpark.Tests.Operators;

public class NumberTests
{
    private static readonly double[] s_numbers = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Statistics(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var stats = await bench.Of(s_numbers).StatsAsync();
            Assert.Equal((4, 1e9 + 10, 1e9 + 4, 1e9 + 16), (stats.Count, stats.Mean, stats.Min, stats.Max));
            Assert.Equal(22.5, stats.Variance, 1e-6);
            Assert.Equal(30, stats.SampleVariance, 1e-6);
            Assert.Equal(4e9 + 40, stats.Sum);
            var ints = bench.Of(2, 4, 4, 4, 5, 5, 7, 9);
            Assert.Equal(5, await ints.MeanAsync());
            Assert.Equal(4, await ints.VarianceAsync(), 1e-12);
            Assert.Equal(2, await ints.StdevAsync(), 1e-12);
            Assert.Equal(32.0 / 7, await ints.SampleVarianceAsync(), 1e-12);
            Assert.Equal(Math.Sqrt(32.0 / 7), await ints.SampleStdevAsync(), 1e-12);
            var none = await bench.Of(Array.Empty<decimal>()).StatsAsync();
            Assert.Equal((0, 0, 0, double.NaN, double.NegativeInfinity), (none.Count, none.Mean, none.Sum, none.Variance, none.Max));
            Assert.Equal(double.NaN, (await bench.Of(3f).StatsAsync()).SampleVariance);
            await Assert.ThrowsAsync<InvalidOperationException>(() => Source.Empty<int>(bench.Runner).MeanAsync());
        });

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task Histograms(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var even = await bench.Range(51).HistogramAsync(2);
            Assert.Equal([0, 25, 50], even.Edges);
            Assert.Equal([25, 26], even.Counts);
            Assert.Equal(new long[] { 5, 10, 36 }, await bench.Range(51).HistogramAsync([0.0, 5, 15, 50]));
            Assert.Equal(new long[] { 1, 2 }, await bench.Of(0.5, 1, 2, double.NaN, -1, 2.5).HistogramAsync([0.0, 1, 2]));
            Assert.Equal(
                new long[] { 4, 2, 2, 1, 5 },
                await bench.Of(-0.01, 0.0, 1, 2, 3, 5, 6, 11.0, 11.01, 12.0, 199.0, 200.0, 200.1, double.NaN, double.PositiveInfinity)
                    .HistogramAsync([0.0, 5.0, 11.0, 11.5, 12.5, double.NaN]));
            await Assert.ThrowsAsync<ArgumentException>(() => bench.Of(1.0).HistogramAsync([double.NaN, double.NaN]));
            await Assert.ThrowsAsync<ArgumentException>(() => bench.Of(1.0).HistogramAsync([0, double.NaN, 2]));
            var equal = await bench.Of(7, 7, 7).HistogramAsync(5);
            Assert.Equal([7, 7], equal.Edges);
            Assert.Equal([3], equal.Counts);
            Assert.Equal(new long[2], await Source.Empty<int>(bench.Runner).HistogramAsync([0.0, 1, 2]));
            await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Of(Array.Empty<int>()).HistogramAsync(3));
            await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Of(1, double.NaN).HistogramAsync(3));
            await Assert.ThrowsAsync<ArgumentException>(() => bench.Of(1).HistogramAsync([1.0]));
            await Assert.ThrowsAsync<ArgumentException>(() => bench.Of(1).HistogramAsync([1.0, 1]));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bench.Of(1).HistogramAsync(0));
        });
}
