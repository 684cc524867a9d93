using MicroSpark.Driver.Clusters;
using MicroSpark.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace MicroSpark.Tests.Contexts;

/// <summary>Actions that are submitted, and the clients that come for what they give.</summary>
public sealed class SubmitTests : IDisposable
{
    private static readonly ManualResetEventSlim s_started = new();
    private static readonly ManualResetEventSlim s_gate = new();
    private static readonly int[] s_calls = new int[1];
    private readonly string _folder = Directory.CreateTempSubdirectory("microspark-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, Isolation.Process)]
    [InlineData(3, Isolation.Process)]
    [InlineData(2, Isolation.Simulated)]
    public async Task Each_action_gives_another_client_what_it_gives_when_it_is_awaited(int workers, Isolation isolation)
    {
        await using var spark = await StartAsync(workers, isolation);
        await using var other = await JoinAsync(spark, isolation);
        var numbers = spark.Range(1, 101, 1, 7);
        Assert.Equal(100, await ThroughAsync(spark, other, () => numbers.CountAsync()));
        Assert.Equal(5050, await ThroughAsync(spark, other, () => numbers.SumAsync()));
        Assert.Equal(50.5, await ThroughAsync(spark, other, () => numbers.MeanAsync()));
        Assert.Equal(await numbers.StatsAsync(), await ThroughAsync(spark, other, () => numbers.StatsAsync()));
        Assert.Equal(100, await ThroughAsync(spark, other, () => numbers.ReduceAsync((a, b) => Math.Max(a, b))));
        Assert.Equal("1234", await ThroughAsync(spark, other, () => spark.Range(1, 5, 1, 3).AggregateAsync("", (text, n) => text + n, (a, b) => a + b)));
        Assert.Equal(
            new Dictionary<long, long> { [0] = 33, [1] = 34, [2] = 33 }, await ThroughAsync(spark, other, () => numbers.Map(n => n % 3).CountByValueAsync()));
        Assert.Equal(numbers.NumPartitions, await ThroughAsync(spark, other, () => numbers.MapPartitions(p => new[] { p.Count() }).CountAsync()));
        var people = numbers.Map(n => new Person($"p{n}", n % 2 == 0 ? null : "odd"));
        Assert.Equal(await people.CollectAsync(), await ThroughAsync(spark, other, () => people.CollectAsync()));
        Assert.Equal(await numbers.Map(n => (n % 5, n)).ReduceByKey((a, b) => a + b, 3).CollectAsync(),
            await ThroughAsync(spark, other, () => numbers.Map(n => (n % 5, n)).ReduceByKey((a, b) => a + b, 3).CollectAsync()));
        Assert.Equal(new long[] { 100, 99 }, await ThroughAsync(spark, other, () => numbers.TopAsync(2)));
        Assert.Equal(new long[] { 9, 19 }, await ThroughAsync(spark, other, () => numbers.TakeOrderedAsync(2, new LastDigitDown())));
        Assert.Equal(new long[] { 10, 20 }, await ThroughAsync(spark, other, () => numbers.TakeOrderedAsync(2, n => n % 10)));
        Assert.Empty(await ThroughAsync(spark, other, () => numbers.TopAsync(0)));
        Assert.Equal((100, 1), (await ThroughAsync(spark, other, () => numbers.MaxAsync()), await ThroughAsync(spark, other, () => numbers.MinAsync())));
        Assert.Equal((9, 10), (await ThroughAsync(spark, other, () => numbers.MaxByAsync(n => n % 10)), await ThroughAsync(spark, other, () => numbers.MinByAsync(n => n % 10))));
        Assert.Equal(5050, await ThroughAsync(spark, other, () => numbers.TreeReduceAsync((a, b) => a + b)));
        Assert.Equal(5050, await ThroughAsync(spark, other, () => numbers.TreeAggregateAsync(0L, (a, n) => a + n, (a, b) => a + b, 3)));
        Assert.Equal(await numbers.CountApproxDistinctAsync(), await ThroughAsync(spark, other, () => numbers.CountApproxDistinctAsync()));
        Assert.Equal(new long[] { 9, 91 }, await ThroughAsync(spark, other, () => numbers.HistogramAsync([1.0, 10.0, 100.0])));
        Assert.Equal(
            new Dictionary<long, long> { [0] = 100, [1] = 97, [2] = 98, [3] = 99 }, await ThroughAsync(spark, other, () => numbers.Map(n => (n % 4, n)).CollectAsMapAsync()));
        Assert.Equal(
            new Dictionary<long, long> { [0] = 2550, [1] = 2500 }, await ThroughAsync(spark, other, () => numbers.Map(n => (n % 2, n)).ReduceByKeyLocallyAsync((a, b) => a + b)));
        Assert.Equal(
            await spark.RunJobAsync(numbers, items => items.Count()), await ThroughAsync(spark, other, () => spark.RunJobAsync(numbers, items => items.Count())));
    }

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task What_was_to_be_checkpointed_is_saved_when_its_end_is_awaited(Isolation isolation)
    {
        await using var spark = await StartAsync(2, isolation);
        await using var other = await JoinAsync(spark, isolation);
        spark.SetCheckpointDirectory(_folder);
        var computed = spark.LongAccumulator();
        var squares = spark.Range(0, 20, 1, 4).Map(n =>
        {
            computed += 1;
            return n * n;
        }).Cache().Checkpoint();
        var even = squares.Filter(n => n % 2 == 0).LocalCheckpoint();
        var job = await spark.SubmitAsync(() => even.CountAsync());

        // Another client has no use for it.
        Assert.Equal(10, await (await other.AttachAsync<long>(job.Id)).ResultAsync());
        Assert.False(squares.IsCheckpointed);

        Assert.Equal(10, await job.ResultAsync());
        Assert.True(squares.IsCheckpointed);
        Assert.True(even.IsCheckpointed);
        await squares.UnpersistAsync();
        Assert.Equal(1140, await even.SumAsync());
        Assert.Equal(2470, await squares.SumAsync());
        Assert.Equal(20, computed.Value);
        var files = Directory.GetFiles(_folder, "part-*", SearchOption.AllDirectories);
        Assert.Equal(4, files.Length);
        Assert.Equal(10, await job.ResultAsync());
        Assert.Equal(files, Directory.GetFiles(_folder, "part-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Nothing_gives_what_nothing_gives_and_a_needed_element_that_is_not_there_fails_the_job()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        foreach (var empty in new[] { spark.Empty<long>(), spark.Parallelize(Array.Empty<long>(), 3) })
        {
            Assert.Equal(0, await ThroughAsync(spark, spark, () => empty.CountAsync()));
            Assert.Empty(await ThroughAsync(spark, spark, () => empty.CollectAsync()));
            Assert.Equal(7, await ThroughAsync(spark, spark, () => empty.FoldAsync(7, (a, b) => a)));
            foreach (var action in new Func<Task<long>>[] { () => empty.ReduceAsync((a, b) => a + b), () => empty.MaxAsync(), () => empty.MinByAsync(n => -n) })
            {
                var error = await Assert.ThrowsAsync<JobFailedException>(() => ThroughAsync(spark, spark, action));
                Assert.Contains("empty", Assert.IsType<InvalidOperationException>(error.InnerException).Message, StringComparison.Ordinal);
            }
        }

        var merging = await Assert.ThrowsAsync<JobFailedException>(
            () => ThroughAsync(spark, spark, () => spark.Range(0, 4, 1, 4).ReduceAsync((a, b) => throw new FormatException("no"))));
        Assert.IsType<FormatException>(merging.InnerException);
    }

    [Fact]
    public async Task It_can_be_watched_to_its_end_and_asked_for_again()
    {
        await using var spark = await StartAsync(2, Isolation.Process);
        await using var other = await JoinAsync(spark, Isolation.Process);
        s_started.Reset();
        s_gate.Reset();
        var job = await spark.SubmitAsync(() => spark.Range(0, 4, 1, 4).Map(Wait).CollectAsync());
        s_started.Wait();
        var attached = await other.AttachAsync<long[]>(job.Id);
        Assert.Equal($"CollectAsync, job {job.Id}", attached.ToString());
        var seen = new List<JobInfo>();
        await foreach (var info in attached.WatchAsync())
        {
            seen.Add(info);
            s_gate.Set();
        }

        Assert.Equal((JobState.Running, JobState.Succeeded), (seen[0].State, seen[^1].State));
        Assert.Equal((4, 4, "CollectAsync"), (seen[^1].TasksDone, seen[^1].TasksTotal, seen[^1].Name));
        Assert.All(seen.SkipLast(1), info => Assert.Equal(JobState.Running, info.State));
        Assert.Equal(new long[] { 0, 1, 2, 3 }, await attached.ResultAsync());
        Assert.Equal(new long[] { 0, 1, 2, 3 }, await job.ResultAsync());
        (await job.ResultAsync())[0] = 9;
        Assert.Equal(new long[] { 0, 1, 2, 3 }, await (await other.AttachAsync<long[]>(job.Id)).ResultAsync());
        Assert.Equal(JobState.Succeeded, (await (await other.AttachAsync(job.Id)).InfoAsync()).State);
    }

    [Fact]
    public async Task Another_client_cancels_it_and_a_group_does()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        await using var other = await JoinAsync(spark, Isolation.Process);
        s_started.Reset();
        s_gate.Reset();
        var job = await spark.SubmitAsync(() => spark.Range(0, 1, 1, 1).Map(Wait).CountAsync());
        s_started.Wait();
        await (await other.AttachAsync(job.Id)).CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => job.ResultAsync());
        SubmittedJob grouped;
        using (spark.JobGroup("doomed"))
        {
            grouped = await spark.SubmitAsync(() => spark.Range(0, long.MaxValue / 2, 1, 1).Filter(n => n < 0).CountAsync());
        }

        await spark.CancelJobGroupAsync("doomed");
        await Assert.ThrowsAsync<OperationCanceledException>(() => grouped.WaitAsync());
        s_gate.Set();
    }

    [Fact]
    public async Task When_its_results_have_gone_it_is_computed_again_and_never_tells_of_nothing()
    {
        var time = new ManualLongTimers();
        var silos = await EmbeddedSilos.StartAsync(new MicroSparkOptions(), 1, customize: silo => silo.ConfigureServices(services => services.AddSingleton<TimeProvider>(time)));
        await using var spark = await MicroSparkContext.OpenAsync(new EmbeddedCluster(silos, true, TimeProvider.System), new MicroSparkOptions(), CancellationToken.None);
        var job = await spark.SubmitAsync(() => spark.Range(0, 4, 1, 2).CollectAsync());
        Assert.Equal(new long[] { 0, 1, 2, 3 }, await job.ResultAsync());
        Assert.NotEmpty(silos.Silos[0].Engine.Blocks.Results());

        time.Pass(TimeSpan.FromMinutes(10));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (silos.Silos[0].Engine.Blocks.Results().Count > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        // The job's record is still there: it goes by the workers' clocks, which nobody has moved.
        Assert.Equal(new long[] { 0, 1, 2, 3 }, await job.ResultAsync());
    }

    [Fact]
    public async Task Effects_happen_each_time_and_accumulators_count_once()
    {
        await using var spark = await StartAsync(2, Isolation.Process);
        var sum = spark.LongAccumulator();
        s_calls[0] = 0;
        var numbers = spark.Range(0, 10, 1, 3);
        for (var round = 1; round <= 2; round++)
        {
            var job = await spark.SubmitAsync(() => numbers.ForeachAsync(n =>
            {
                Interlocked.Increment(ref s_calls[0]);
                sum.Add(n);
            }));
            await job.WaitAsync();
            await job.WaitAsync();
            Assert.Equal((10 * round, 45L * round), (s_calls[0], sum.Value));
        }
    }

    [Fact]
    public async Task A_save_is_complete_when_it_has_ended_and_leaves_nothing_when_it_fails()
    {
        await using var spark = await StartAsync(2, Isolation.Process);
        var path = Path.Join(_folder, "saved");
        var job = await spark.SubmitAsync(() => spark.Range(0, 5, 1, 2).SaveAsTextFileAsync(path));
        await job.WaitAsync();
        Assert.Equal(["_SUCCESS", "part-00000", "part-00001"], Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["0", "1", "2", "3", "4"], await spark.TextFile(path).CollectAsync());
        await Assert.ThrowsAsync<IOException>(() => spark.SubmitAsync(() => spark.Range(3).SaveAsTextFileAsync(path)));

        var bad = Path.Join(_folder, "bad");
        var failing = await spark.SubmitAsync(() => spark.Range(0, 5, 1, 2).Map(n => n == 4 ? throw new FormatException("no 4") : n).SaveAsTextFileAsync(bad));
        Assert.IsType<FormatException>((await Assert.ThrowsAsync<JobFailedException>(() => failing.WaitAsync())).InnerException);
        Assert.False(Directory.Exists(bad));
    }

    [Fact]
    public async Task What_cannot_be_submitted_or_attached_to_says_why()
    {
        await using var spark = await StartAsync(1, Isolation.Process);
        var numbers = spark.Range(10);
        await RefusedAsync("TakeAsync cannot be submitted", () => spark.SubmitAsync(() => numbers.TakeAsync(3)));
        await RefusedAsync("does something with its action's result", () => spark.SubmitAsync(async () => await numbers.CountAsync() + 1));
        await RefusedAsync("called several actions", () => spark.SubmitAsync(() =>
        {
            _ = numbers.CountAsync();
            return numbers.SumAsync();
        }));
        await RefusedAsync("called no action", () => spark.SubmitAsync(() => new TaskCompletionSource<int>().Task));
        await Assert.ThrowsAsync<ArgumentNullException>(() => spark.SubmitAsync(() => numbers.ReduceAsync(null!)));
        Assert.Equal(10, await numbers.CountAsync());

        var awaited = Assert.Single(await spark.JobsAsync()).Id;
        await RefusedAsync("keep one for others", () => spark.AttachAsync<long>(awaited));
        var job = await spark.SubmitAsync(() => numbers.CountAsync());
        await RefusedAsync("gives long, and string was asked for", () => spark.AttachAsync<string>(job.Id));
        Assert.Contains("never ran", (await Assert.ThrowsAsync<KeyNotFoundException>(() => spark.AttachAsync(JobId.New()))).Message, StringComparison.Ordinal);
        Assert.Equal(10, await job.ResultAsync());

        static async Task RefusedAsync(string why, Func<Task> work) =>
            Assert.Contains(why, (await Assert.ThrowsAsync<InvalidOperationException>(work)).Message, StringComparison.Ordinal);
    }

    private static long Wait(long n)
    {
        s_started.Set();
        s_gate.Wait();
        return n;
    }

    private static async Task<R> ThroughAsync<R>(MicroSparkContext spark, MicroSparkContext other, Func<Task<R>> action)
    {
        var job = await spark.SubmitAsync(action);
        return await (await other.AttachAsync<R>(job.Id)).ResultAsync();
    }

    private static Task<MicroSparkContext> StartAsync(int workers, Isolation isolation) => MicroSparkContext.StartLocalAsync(workers, options =>
    {
        options.Slots = 2;
        options.Isolation = isolation;
    });

    /// <summary>Another client of the same silos.</summary>
    private static Task<MicroSparkContext> JoinAsync(MicroSparkContext spark, Isolation isolation) => MicroSparkContext.OpenAsync(
        new EmbeddedCluster(spark.Silos!, isolation == Isolation.Process, TimeProvider.System), new MicroSparkOptions(), CancellationToken.None);

    public sealed record Person(string Name, string? Kind);

    public sealed class LastDigitDown : IComparer<long>
    {
        public int Compare(long x, long y) => (y % 10).CompareTo(x % 10);
    }
}
