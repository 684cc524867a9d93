using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Records;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

public sealed class RecordSearchTests
{
    private readonly ManualTime _time = new();
    private readonly FakeWorkers _workers;

    public RecordSearchTests() => _workers = new FakeWorkers(_time, "a", "b", "c");

    [Fact]
    public async Task Of_a_job_that_nobody_keeps_there_is_none()
    {
        Assert.Null(await RecordSearch.FindAsync(_workers, Some.Job, _time));
    }

    [Fact]
    public async Task The_longest_log_of_the_highest_epoch_wins()
    {
        Keep("a", Job(1, results: 5));
        Keep("b", Job(2, results: 1));
        var longest = Job(2, results: 1);
        longest.File.Log.Advance(longest);
        longest.Commit(Some.Result(7));
        Keep("c", longest);
        var found = (await RecordSearch.FindAsync(_workers, Some.Job, _time))!;
        Assert.Equal(2, found.Epoch);
        Assert.Equal([0, 7], found.Committed.Select(r => r.Partition));
    }

    /// <summary>A client let the job go, of which one of two owners heard.</summary>
    [Fact]
    public async Task That_nobody_wants_the_job_counts_before_any_epoch()
    {
        var (former, later) = (Job(1, results: 1), Job(2, results: 1));
        former.File.Unwanted = true;
        Keep("a", former);
        Keep("b", later);
        var found = (await RecordSearch.FindAsync(_workers, Some.Job, _time))!;
        Assert.Equal((1, 2, true), (found.Epoch, found.Newest, found.Unwanted));
        Assert.Equal([new WorkerId("a"), new WorkerId("b")], found.Keepers);
    }

    /// <summary>A million results are several messages.</summary>
    [Fact]
    public async Task A_long_log_is_read_page_by_page()
    {
        Keep("a", Job(1, results: 200_000));
        Assert.NotNull(_workers["a"].Records.Read(Some.Job, 0)!.Next);
        Assert.Equal(200_000, (await RecordSearch.FindAsync(_workers, Some.Job, _time))!.Committed.Length);
    }

    /// <summary>Its former owner may still write while the next one reads.</summary>
    [Fact]
    public async Task A_snapshot_between_two_pages_begins_the_reading_anew()
    {
        var job = Job(1, results: 200_000);
        Keep("a", job);
        _workers["a"].Reading = from =>
        {
            if (from > 0)
            {
                _workers["a"].Reading = null;
                job.Commit(Some.Result(200_000) with { Worker = new WorkerId("w") });
                Keep("a", job);
            }
        };
        Assert.Equal(200_001, (await RecordSearch.FindAsync(_workers, Some.Job, _time))!.Committed.Length);
    }

    [Fact]
    public async Task A_keeper_that_dies_while_it_is_read_is_not_the_only_one()
    {
        Keep("a", Job(2, results: 200_000));
        Keep("b", Job(1, results: 3));
        _workers["a"].Reading = from => _workers["a"].Refuses = from > 0;
        Assert.Equal(3, (await RecordSearch.FindAsync(_workers, Some.Job, _time))!.Committed.Length);
    }

    private static JobState.Running Job(long epoch, int results)
    {
        var job = Some.Running(epoch);
        for (var p = 0; p < results; p++)
        {
            job.Commit(Some.Result(p) with { Worker = new WorkerId("w"), Inline = null });
        }

        return job;
    }

    private void Keep(string worker, JobState.Running job)
    {
        job.File.Log.Advance(job);
        var parts = job.File.Log.Snapshot(job);
        for (var i = 0; i < parts.Length; i++)
        {
            var write = new RecordWrite(Some.Job, job.File.Log.Point, null, i, parts.Length, HeadCodec.Write(job.Summary()), parts[i], null, job.File.Unwanted);
            Assert.Equal(RecordReply.Kept, _workers[worker].Records.Write(write));
        }
    }
}
