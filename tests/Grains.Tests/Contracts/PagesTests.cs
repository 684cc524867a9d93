using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace MicroSpark.Tests.Contracts;

/// <summary>Messages that grow with tasks, blocks or partitions, as Orleans writes them: each page of them is below 4 MB.</summary>
public sealed class PagesTests
{
    private const int Most = 4 << 20;

    private readonly Serializer _serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void A_jobs_results()
    {
        var book = new MicroSpark.Grains.Jobs.ResultBook();
        for (var p = 0; p < 200_000; p++)
        {
            book.Commit(Some.Result(p) with { Attempt = AttemptId.New(), Worker = new WorkerId("192.168.100.100:30000@123456789"), Inline = null });
        }

        Assert.InRange(SizeOf(new JobUpdate(true, JobPhase.Running, long.MaxValue, 0, book.Page(0), null, [])), Most / 8, Most);
    }

    [Fact]
    public async Task A_batchs_reports()
    {
        var log = new ReportLog(100_000, new ManualTime());
        for (var p = 0; p < 100_000; p++)
        {
            var attempt = AttemptId.New();
            var span = new TaskSpan(
                p, attempt, 1, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(3), TaskEnd.Succeeded, long.MaxValue, long.MaxValue, default, null,
                Copy: false);
            log.Add(TaskReport.Of(
                new TaskOutcome.Succeeded(p, attempt, 1000, 1000, ulong.MaxValue, 1000, null), new WorkerId("192.168.100.100:30000@123456789"), span));
        }

        var page = await log.ReadAsync(0, TimeSpan.Zero);
        Assert.InRange(SizeOf(page), Most / 8, Most);
        Assert.False(page.Finished);
    }

    [Fact]
    public void What_a_task_did_not_find()
    {
        var lost = Enumerable.Range(0, 1_000_000).Select(static p => new BlockPart(p, AttemptId.New())).ToArray();
        var report = TaskReport.Of(
            new TaskOutcome.InputLost(1, AttemptId.New(), new LineageId(1, 2), lost, new WorkerId("w")), new WorkerId("w"));
        Assert.InRange(SizeOf(report), Most / 8, Most);
    }

    [Fact]
    public void What_tasks_added_to_accumulators()
    {
        var updates = Enumerable.Range(0, 200_000).Select(static p => new TaskUpdates(new LineageId(ulong.MaxValue, 2), p, AttemptId.New(), [1, 2, 3]));
        var (seen, pages) = (0, 0);
        for (int? from = 0; from is { } next; pages++)
        {
            var page = UpdatePage.Of(updates, next);
            Assert.InRange(SizeOf(page), 1, Most);
            seen += page.Tasks.Length;
            from = page.Next;
        }

        Assert.Equal(200_000, seen);
        Assert.InRange(pages, 4, 10);
    }

    [Fact]
    public void What_a_worker_holds()
    {
        var blocks = Enumerable.Range(0, Pages.Largest / 48).Select(static p => new HeldBlock(p, AttemptId.New(), long.MaxValue, ulong.MaxValue, null));
        Assert.InRange(SizeOf(new HeldBlocks(1, [.. blocks], 7)), Most / 8, Most);
    }

    [Fact]
    public void Where_blocks_are()
    {
        var length = Pages.Largest / 12;
        var random = new Random(1);
        var page = new BlockMapPage(
            new LineageId(1, 2), 5, length, [new WorkerId("a")], [.. Enumerable.Range(0, length).Select(static p => (short)(p % 1000))],
            [.. Enumerable.Range(0, length).Select(_ => random.NextInt64())]);
        Assert.InRange(SizeOf(page), Most / 8, Most);
    }

    [Fact]
    public void The_partitions_that_a_stage_wants()
    {
        var every = Enumerable.Range(0, 1_000_000).Where(static p => p % 2 == 0).ToArray();
        var request = new EnsureRequest(
            RequesterId.New(), default, default, Some.Submission.Plan, 0, PartitionRuns.Of(every), new TaskPolicy(1, false));
        Assert.InRange(SizeOf(request), 1, Most);
        Assert.InRange(SizeOf(Some.Submission with { Partitions = PartitionRuns.Of(every) }), 1, Most);
    }

    private long SizeOf<T>(T message) => _serializer.SerializeToArray(message).Length;
}
