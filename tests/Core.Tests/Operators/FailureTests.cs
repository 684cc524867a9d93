using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Operators;

public class FailureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failing_lambda_is_named_with_its_operator_and_element(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var zero = 0;
        var rdd = Source.Range(runner, 0, 5_000, 1, 1).Map(x => x * 2).Filter(x => x >= 0).Map(x => x == 2_468 ? x / zero : x).Map(x => x + 1);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => rdd.SumAsync());
        Assert.Equal(typeof(DivideByZeroException).FullName, error.Failure.TypeName);
        Assert.Equal("Map", error.Failure.Operator);
        Assert.Equal(1_234, error.Failure.ElementIndex);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_below_a_whole_partition_function_keeps_its_own_site(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var rdd = Source.Parallelize(runner, ["1", "2", "x"], 1).Map(int.Parse).MapPartitions(items => items.Select(i => i + 1));
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => rdd.CollectAsync());
        Assert.Equal(typeof(FormatException).FullName, error.Failure.TypeName);
        Assert.Equal("Map", error.Failure.Operator);

        var own = Source.Parallelize(runner, [1], 1).MapPartitions<int>(_ => throw new InvalidOperationException("mine"));
        error = await Assert.ThrowsAsync<TaskFailedException>(() => own.CollectAsync());
        Assert.Equal("MapPartitions", error.Failure.Operator);
        Assert.Equal("mine", error.Failure.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flat_map_that_returns_null_is_told_what_to_return(bool fused)
    {
        using var runner = new LocalRunner(1, fused, simulated: false);
        var rdd = Source.Parallelize(runner, [1], 1).FlatMap<int>(_ => null!);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => rdd.CollectAsync());
        Assert.Contains("return an empty sequence", error.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_before_a_failure_is_enough_for_who_wants_no_more()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var rdd = Source.Parallelize(runner, [1], 1).MapPartitions(_ => TwoThenFail());
        Assert.Equal(new[] { 1, 2 }, await rdd.TakeAsync(2));
        await Assert.ThrowsAsync<TaskFailedException>(() => rdd.TakeAsync(3));
    }

    [Fact]
    public async Task Every_task_works_on_its_own_copy_of_what_a_lambda_captured()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var seen = new List<int>();
        var counts = await Source.Parallelize(runner, [1, 2, 3, 4], 2).Map(x =>
        {
            seen.Add(x);
            return seen.Count;
        }).CollectAsync();
        Assert.Equal(new[] { 1, 2, 1, 2 }, counts);
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_sum_that_overflows_fails_wherever_it_happens()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var inTask = await Assert.ThrowsAsync<TaskFailedException>(() => Source.Parallelize(runner, [int.MaxValue, 1], 1).SumAsync());
        Assert.Equal(typeof(OverflowException).FullName, inTask.Failure.TypeName);
        var onClient = await Assert.ThrowsAsync<JobFailedException>(() => Source.Parallelize(runner, [int.MaxValue, 1], 2).SumAsync());
        Assert.IsType<OverflowException>(onClient.InnerException);
    }

    private static IEnumerable<int> TwoThenFail()
    {
        yield return 1;
        yield return 2;
        throw new InvalidOperationException("the end");
    }
}
