namespace MicroSpark.Tests.Scenarios;

/// <summary>A program's mistakes come home as what they are, and the cluster goes on.</summary>
[Collection(ShapesCollection.Name)]
public sealed class FailureTests(Shapes shapes)
{
    [Theory, EveryShape]
    public async Task An_exceptions_own_fields_come_home(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize([1, 2], 2).Map(int (n) => throw new QuotaException("over", n * 10, ["a", "b"])).CollectAsync());
        var quota = Assert.IsType<QuotaException>(error.InnerException);
        Assert.Equal("over", quota.Message);
        Assert.True(quota.Limit is 10 or 20);
        Assert.Equal(["a", "b"], quota.Names);
        Assert.Contains(nameof(An_exceptions_own_fields_come_home), quota.StackTrace, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task Inner_exceptions_come_home(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize([1], 1).Map(int (n) =>
        {
            try
            {
                return int.Parse("x");
            }
            catch (FormatException e)
            {
                throw new InvalidOperationException($"element {n}", e);
            }
        }).CountAsync());
        Assert.IsType<FormatException>(error.InnerException!.InnerException);
    }

    [Theory, EveryShape]
    public async Task An_exception_in_a_nested_iterator_names_its_operator(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize([1, 2, 3, 4], 2).FlatMap(n => Countdown(n)).Map(n => n).CollectAsync());
        Assert.Equal("at zero of 3", Assert.IsType<ArithmeticException>(error.InnerException).Message);
        Assert.Equal("FlatMap", error.Operator);
        Assert.Equal(1, error.Partition);
        error = await FailsAsync(shape, spark => spark.Parallelize([3], 1).MapPartitions(all => all.SelectMany(Countdown)).CollectAsync());
        Assert.Equal("MapPartitions", error.Operator);

        static IEnumerable<int> Countdown(int n)
        {
            for (var i = n; i > 0; i--)
            {
                yield return i;
            }

            if (n == 3)
            {
                throw new ArithmeticException($"at zero of {n}");
            }
        }
    }

    [Theory, EveryShape]
    public async Task Null_that_a_lambda_follows_is_its_own_error(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize<string?>(["a", null], 2).Map(s => s!.Length).CollectAsync());
        Assert.IsType<NullReferenceException>(error.InnerException);
        error = await FailsAsync(shape, spark => spark.Parallelize([1], 1).FlatMap<int>(_ => null!).CollectAsync());
        Assert.Contains("return an empty sequence", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task A_job_inside_a_task_is_refused_with_the_reason(string shape)
    {
        var spark = shapes.Of(shape);
        var error = await FailsAsync(shape, s => s.Parallelize([1], 1).Map(n => Nested.Run(n)).CollectAsync());
        Assert.Contains("A task may not use an Rdd or the context", Assert.IsType<InvalidOperationException>(error.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal(3, await spark.Range(3).CountAsync());
    }

    [Theory, EveryShape]
    public async Task A_lambda_that_cancels_itself_fails_its_job(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize([1], 1).Map(int (_) => throw new OperationCanceledException("mine")).CollectAsync());
        Assert.Equal("mine", Assert.IsType<OperationCanceledException>(error.InnerException).Message);
    }

    [Theory, EveryShape]
    public async Task An_overflowing_sum_and_a_failing_comparer(string shape)
    {
        var error = await FailsAsync(shape, spark => spark.Parallelize([int.MaxValue, 1], 2).SumAsync());
        Assert.IsType<OverflowException>(error.InnerException);
        error = await FailsAsync(shape, spark => spark.Parallelize([3, 1, 2], 2).SortBy(n => n, comparer: new Broken()).CollectAsync());
        Assert.Contains("broken comparer", error.ToString(), StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task Bad_partition_counts_are_refused_at_the_call(string shape)
    {
        var spark = shapes.Of(shape);
        var pairs = spark.Parallelize([(1, 2)], 1);
        foreach (var bad in new[] { 0, -1, int.MinValue })
        {
            Assert.ThrowsAny<ArgumentException>(() => spark.Parallelize([1], bad));
            Assert.ThrowsAny<ArgumentException>(() => spark.Range(0, 10, 1, bad));
            Assert.ThrowsAny<ArgumentException>(() => spark.TextFile("x", bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.ReduceByKey((a, b) => a + b, bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.GroupByKey(bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.Join(pairs, bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.SortByKey(partitions: bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.Repartition(bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.Coalesce(bad));
            Assert.ThrowsAny<ArgumentException>(() => pairs.Distinct(bad));
        }

        Assert.ThrowsAny<ArgumentException>(() => spark.Range(0, 10, 0));
        Assert.Empty(await pairs.TakeAsync(-1));
        Assert.Equal(1, await pairs.CountAsync());
    }

    [Theory, EveryShape]
    public async Task Empty_where_a_value_is_needed(string shape)
    {
        var spark = shapes.Of(shape);
        foreach (var none in new[] { spark.Range(10).Filter(n => n > 10).SetName("none"), spark.Empty<long>().SetName("none") })
        {
            foreach (var action in new Func<Task>[]
            {
                () => none.FirstAsync(), () => none.ReduceAsync((a, b) => a + b), () => none.TreeReduceAsync((a, b) => a + b), () => none.MaxAsync(), () => none.MinAsync(),
                () => none.MaxByAsync(n => -n), () => none.MinByAsync(n => -n), () => none.HistogramAsync(3),
            })
            {
                Assert.Contains("'none' is empty", (await Assert.ThrowsAsync<InvalidOperationException>(action)).Message, StringComparison.Ordinal);
            }
        }
    }

    private async Task<JobFailedException> FailsAsync<T>(string shape, Func<MicroSparkContext, Task<T>> run)
    {
        var spark = shapes.Of(shape);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => run(spark));
        Assert.Equal(6, await spark.Parallelize([1, 2, 3], 3).SumAsync());
        return error;
    }

    private static class Nested
    {
        public static int Run(int n) => n + MicroSparkContext.StartLocalAsync().GetAwaiter().GetResult().DefaultParallelism;
    }

    private sealed class Broken : IComparer<int>
    {
        public int Compare(int x, int y) => throw new InvalidOperationException("broken comparer");
    }

    private sealed class QuotaException(string message, int limit, List<string> names) : Exception(message)
    {
        public int Limit { get; } = limit;

        public IReadOnlyList<string> Names { get; } = names;
    }
}
