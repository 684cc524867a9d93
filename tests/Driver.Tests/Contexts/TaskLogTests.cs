using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Contexts;

/// <summary>What tasks say comes home, and nothing of it later than the end of its task.</summary>
public sealed partial class TaskLogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_an_action_ends_all_that_its_tasks_said_is_there(bool simulated)
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options =>
        {
            options.Slots = 1;
            options.Isolation = simulated ? Isolation.Simulated : Isolation.Process;
        });
        var told = new ConcurrentQueue<(JobId Job, SaidLine Line)>();
        spark.TakeLines((job, line) => told.Enqueue((job, line)));
        using var factory = new LoggerFactory();
        var captured = factory.CreateLogger<TaskLogTests>();
        var pairs = spark.Range(0, 4, 1, 4).Map(n =>
        {
            TaskContext.Current!.Logger.LogInformation("map {Number}", n);
            return (n % 2, n);
        });
        var sums = await pairs.ReduceByKey((a, b) => a + b, 2).Map(pair =>
        {
            LogKey(captured, $"{pair.Key}\u001b[31m");
            return pair.Value;
        }).CollectAsync();
        Assert.Equal([2, 4], sums.Order());

        var job = (await spark.JobsAsync())[0].Id;
        Assert.All(told, one => Assert.Equal(job, one.Job));
        var (kept, dropped) = await spark.LinesOfAsync(job);
        Assert.Equal(0, dropped);
        Assert.Equal(told.Select(one => Of(one.Line)).Order(), kept.Select(Of).Order());
        Assert.Equal(
            [
                (0, 0, LogLevel.Information, "map 0"), (0, 1, LogLevel.Information, "map 1"), (0, 2, LogLevel.Information, "map 2"),
                (0, 3, LogLevel.Information, "map 3"),
            ],
            kept.Where(line => line.Stage == 0).Select(Of).Order());
        Assert.Equal([@"key 0\u001b[31m", @"key 1\u001b[31m"], kept.Where(line => line.Stage == 1).Select(line => line.Text).Order());
        Assert.All(kept.Where(line => line.Stage == 1), line => Assert.Equal(nameof(TaskLogTests), line.Category));

        static (int, int, LogLevel, string) Of(SaidLine line) => (line.Stage, line.Partition, line.Level, line.Text);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "key {Key}")]
    private static partial void LogKey(ILogger log, string key);

    [Fact]
    public async Task A_job_keeps_as_many_lines_as_are_set_and_counts_the_rest()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync(2, options =>
        {
            options.TaskLog.MaxLines = 5;
            options.TaskLog.MaxLineLength = 80;
        });
        spark.TakeLines(static (_, _) => { });
        await spark.Range(0, 4_000, 1, 2).ForeachAsync(n => TaskContext.Current!.Logger.LogInformation("{Text}", new string('x', 100)));

        var (kept, dropped) = await spark.LinesOfAsync((await spark.JobsAsync())[0].Id);
        Assert.Equal((5, 3_995L), (kept.Count, dropped));
        Assert.All(kept, line => Assert.Equal(new string('x', 80) + "…", line.Text));
    }

    [Fact]
    public async Task A_task_that_fails_has_said_what_it_said()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        spark.TakeLines(static (_, _) => { });
        await Assert.ThrowsAsync<JobFailedException>(() => spark.Range(0, 1, 1, 1).ForeachAsync(n =>
        {
            TaskContext.Current!.Logger.LogInformation("about to fail");
            throw new InvalidOperationException("failed");
        }));
        var (kept, _) = await spark.LinesOfAsync((await spark.JobsAsync())[0].Id);
        Assert.Equal("about to fail", Assert.Single(kept).Text);
    }
}
