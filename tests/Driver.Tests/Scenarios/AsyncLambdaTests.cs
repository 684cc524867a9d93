using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.Scenarios;

/// <summary>Code that is asynchronous where an element, a result or an action is meant: awaited, or refused where it is declared.</summary>
[Collection(ShapesCollection.Name)]
public sealed class AsyncLambdaTests(Shapes shapes)
{
    [Theory, EveryShape]
    public void A_task_is_no_element(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        var error = Refused(() => numbers.Map(async x => { await Task.Yield(); return x; }));
        Assert.Contains("Map", error.Message, StringComparison.Ordinal);
        Assert.Contains("Task<int>", error.Message, StringComparison.Ordinal);
        Assert.Contains("Await it inside the lambda", error.Message, StringComparison.Ordinal);

        Refused(() => numbers.Map(x => Task.FromResult(x)));
        Refused(() => numbers.Map(async x => { await Task.Yield(); }));
        Refused(() => numbers.Map(ValueTask.FromResult));
        Refused(() => numbers.Map(x => Task.FromResult(x).ConfigureAwait(false)));
        Refused(() => numbers.Map(x => Task.FromResult(x).GetAwaiter()));
        Refused(() => numbers.Map(x => new TaskOfMine(x)));
        Refused(() => numbers.Select(x => (x, Later(x))));
        Refused(() => numbers.Map(x => new { x, Later = Later(x) }));
        Refused(() => numbers.Map(x => new[] { Later(x) }));
        Refused(() => numbers.Map(x => new Dictionary<int, List<Task<int>>>()));
        Refused(() => numbers.FlatMap(x => new[] { Later(x) }));
        Refused(() => numbers.MapPartitions(part => part.Select(Later)));
        Refused(() => numbers.KeyBy(async x => await Later(x)));
        Refused(() => numbers.GroupBy(async x => await Later(x)));
        Refused(() => numbers.KeyBy(x => x).MapValues(async x => await Later(x)));
        Refused(() => shapes.Of(shape).Parallelize([Task.FromResult(1)], 1));
        Refused(() => shapes.Of(shape).Empty<Task>());
    }

    [Theory, EveryShape]
    public void An_asynchronous_sequence_is_no_element(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        Assert.Contains("ToBlockingEnumerable", Refused(() => numbers.Map(Counted)).Message, StringComparison.Ordinal);
        Refused(() => numbers.Map(x => Counted(x).GetAsyncEnumerator()));
    }

    [Theory, EveryShape]
    public async Task A_task_is_no_result(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        await Assert.ThrowsAsync<ClosureNotShippableException>(() => shapes.Of(shape).RunJobAsync(numbers, async part => await Later(part.Sum())));
        await Assert.ThrowsAsync<ClosureNotShippableException>(() =>
            numbers.AggregateAsync(Task.FromResult(0), async (sum, x) => await sum + x, async (a, b) => await a + await b));
        await Assert.ThrowsAsync<ClosureNotShippableException>(() =>
            numbers.TreeAggregateAsync(Task.FromResult(0), async (sum, x) => await sum + x, async (a, b) => await a + await b));
    }

    [Theory, EveryShape]
    public async Task Functions_that_give_tasks_and_plain_data_that_can_be_walked_stay_elements(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        await Expect.ElementsAsync([1, 2, 3, 4], numbers.Map(x => (Func<Task<int>>)(() => Later(x))).Map(f => f().GetAwaiter().GetResult()).CollectAsync());
        await Expect.ElementsAsync([1, 2, 3, 4], numbers.Map(x => new Pages(x)).Map(p => p.Count).CollectAsync());
        await Expect.ElementsAsync([1, 3, 6, 10], numbers.Map(x => Counted(x).ToBlockingEnumerable().Sum()).CollectAsync());
    }

    /// <summary>
    /// What the declaration does not show is refused when it is to leave its task. The process lives, whatever the collector does: objects
    /// that another thread works on were once measured field by field, which ended it some collections later.
    /// </summary>
    [Theory, EveryShape]
    public async Task What_hides_behind_object_is_refused_and_the_process_lives(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        Func<int, object>[] hidden =
        [
            x => Later(x),
            x => Counted(x),
            x => Counted(x).GetAsyncEnumerator(),
            x => new Lazy<Task<int>>(() => Later(x)),
            x => new List<object> { Later(x) },
            x => new Holder(Later(x)),
            x => new ValueTask<int>(Later(x)),
            x => new CancellationTokenSource(),
            x => new Timer(_ => { }, null, 1, 1),
        ];
        for (var round = 0; round < 6; round++)
        {
            foreach (var make in hidden)
            {
                await Assert.ThrowsAsync<JobFailedException>(() => numbers.Map(make).CollectAsync());
                await Assert.ThrowsAsync<JobFailedException>(() => numbers.Map(x => (x, make(x))).GroupByKey().CollectAsync());
            }

            var task = Later(1);
            _ = await numbers.Map(x => (Func<int>)(() => x)).Cache().CountAsync();
            await Expect.ElementsAsync([1, 2, 3, 4], numbers.Map(x => x).CollectAsync());
            Assert.Equal([2, 4, 6, 8], (await numbers.Map(x => (x, x)).ReduceByKey((a, b) => a + b).Map(p => p.Item1 + p.Item2).CollectAsync()).Order());
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await task;
        }
    }

    [Theory, EveryShape]
    public async Task An_async_function_over_a_partition_is_awaited(string shape)
    {
        var spark = shapes.Of(shape);
        var numbers = spark.Parallelize([1, 2, 3, 4], 2).Map(x => x);
        var sum = spark.LongAccumulator();
        await numbers.ForeachPartitionAsync(async part =>
        {
            await Task.Yield();
            foreach (var x in part)
            {
                sum.Add(x);
                await Task.Yield();
            }
        });
        Assert.Equal(10, sum.Value);
        var error = await Assert.ThrowsAsync<JobFailedException>(() => numbers.ForeachPartitionAsync(async part =>
        {
            await Task.Yield();
            throw new InvalidOperationException($"the database said no to {part.Sum()}");
        }));
        Assert.StartsWith("the database said no", Assert.IsType<InvalidOperationException>(error.InnerException).Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<JobFailedException>(() => numbers.ForeachPartitionAsync(part => part.Any() ? null! : Task.CompletedTask));
        Assert.Contains("Task.CompletedTask", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Theory, EveryShape]
    public async Task Functions_that_give_a_ValueTask_are_awaited_too(string shape)
    {
        var spark = shapes.Of(shape);
        var sum = spark.LongAccumulator();
        await spark.Parallelize([1, 2, 3, 4], 2).ForeachAsync(x => AddAsync(sum, x));
        Assert.Equal(10, sum.Value);
        await spark.Parallelize([1, 2, 3, 4], 2).ForeachPartitionAsync(part => AddAsync(sum, part.Sum()));
        Assert.Equal(20, sum.Value);
        await spark.Parallelize([1, 2, 3, 4], 2).ForeachAsync(x => sum.Add(x));
        await spark.Parallelize([1, 2, 3, 4], 2).ForeachPartitionAsync(part => sum.Add(part.Sum()));
        Assert.Equal(40, sum.Value);
        await Assert.ThrowsAsync<JobFailedException>(() => spark.Parallelize([1], 1).ForeachAsync(_ => throw new FormatException()));

        static async ValueTask AddAsync(LongAccumulator sum, int x)
        {
            await Task.Yield();
            sum.Add(x);
        }
    }

    [Theory, EveryShape]
    public async Task Behind_an_await_it_is_still_the_task(string shape)
    {
        var spark = shapes.Of(shape);
        var word = spark.Broadcast("word");
        var right = spark.LongAccumulator();
        var pairs = spark.Parallelize(Enumerable.Range(0, 100), 3).Map(x => (x % 7, x)).ReduceByKey((a, b) => a + b, 2);
        await pairs.ForeachPartitionAsync(async part =>
        {
            var before = TaskContext.Current!.PartitionIndex;
            await Later(1).ConfigureAwait(false);
            var total = part.Sum(pair => pair.Item2 + (TaskContext.Current!.PartitionIndex - before));
            right += word.Value == "word" && before == TaskContext.Current!.PartitionIndex ? total : -1;
        });
        Assert.Equal(4950, right.Value);
        await spark.Range(0, 8, 1, 2).ForeachAsync(async x =>
        {
            var before = TaskContext.Current!.PartitionIndex;
            await Task.Yield();
            right += before == TaskContext.Current!.PartitionIndex ? 1 : 1000;
        });
        Assert.Equal(4958, right.Value);
        Assert.Null(TaskContext.Current);
    }

    [Theory, EveryShape]
    public async Task A_cancel_ends_what_is_awaited(string shape)
    {
        using var stop = new CancellationTokenSource();
        var job = shapes.Of(shape).Parallelize([1, 2], 2).ForeachPartitionAsync(async part =>
        {
            await new TaskCompletionSource().Task;
            _ = part.Count();
        }, stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        Assert.Equal(2, await shapes.Of(shape).Parallelize([1, 2], 2).Map(x => x).CountAsync());
    }

    [Theory, EveryShape]
    public async Task What_nobody_can_await_is_refused(string shape)
    {
        var numbers = shapes.Of(shape).Parallelize([1, 2, 3, 4], 2);
        Action<int> each = async x => await Later(x);
        Action<IEnumerable<int>> all = async part => await Later(part.Sum());
        await RefusedVoidAsync(() => numbers.ForeachAsync(each));
        await RefusedVoidAsync(() => numbers.ForeachAsync(Forget));
        await RefusedVoidAsync(() => numbers.ForeachPartitionAsync(all));
        await RefusedVoidAsync(() => numbers.ForeachAsync(x => each(x)));
        await RefusedVoidAsync(() => numbers.ForeachAsync(x => Forget(x)));
        await RefusedVoidAsync(() => numbers.Map(x => Forgets(x)).CountAsync());
        await RefusedVoidAsync(() => numbers.ForeachPartitionAsync(part => part.ToList().ForEach(async x => await Later(x))));
        await RefusedVoidAsync(() => MicroSparkContext.StartLocalAsync(1, (Action<MicroSparkOptions>)(async _ => await Later(1))));
        await RefusedVoidAsync(() => MicroSparkContext.ConnectAsync((Action<MicroSparkOptions>)(async _ => await Later(1))));
    }

    [Fact]
    public async Task Settings_that_come_asynchronously_are_awaited()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(configure: async o =>
        {
            await Task.Yield();
            o.DefaultParallelism = 7;
        });
        Assert.Equal(7, spark.DefaultParallelism);
    }

    private static async Task RefusedVoidAsync(Func<Task> declare) =>
        Assert.Contains("async void", (await Assert.ThrowsAsync<ClosureNotShippableException>(declare)).Message, StringComparison.Ordinal);

    private static async void Forget(int x) => await Later(x);

    private static int Forgets(int x)
    {
        Forget(x);
        return x;
    }

    private static ClosureNotShippableException Refused(Func<object> declare) => Assert.Throws<ClosureNotShippableException>(declare);

    private static async Task<int> Later(int x)
    {
        await Task.Yield();
        return x;
    }

    private static async IAsyncEnumerable<int> Counted(int last)
    {
        for (var i = 1; i <= last; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    [AsyncMethodBuilder(typeof(AsyncTaskMethodBuilder))]
    private sealed record TaskOfMine(int Value);

    private sealed record Holder(object Inner);

    private sealed record Pages(int Count) : IAsyncEnumerable<int>
    {
        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) => Counted(Count).GetAsyncEnumerator(cancellationToken);
    }
}
