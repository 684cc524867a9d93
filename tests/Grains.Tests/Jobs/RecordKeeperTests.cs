using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Records;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

public sealed class RecordKeeperTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d"];
    private readonly ManualTime _time = new();

    public static IEnumerable<object[]> Pairs =>
        from one in s_names from other in s_names where string.CompareOrdinal(one, other) < 0 select new object[] { one, other };

    /// <summary>Right after a loss some of those that are asked may be the lost one, or not answer yet.</summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Two_workers_keep_a_record_as_long_as_two_take_it(string one, string other)
    {
        var workers = new FakeWorkers(_time, s_names);
        (workers[one].Refuses, workers[other].Refuses) = (true, true);
        var job = Some.Running(Epochs.After(0));
        await new RecordKeeper(workers, _time, () => job, Fail).SaveAsync();
        Assert.Equal(s_names.Except([one, other]), s_names.Where(name => workers[name].Records.Read(Some.Job, 0) is not null));
    }

    [Fact]
    public async Task Who_finds_no_worker_that_takes_a_record_is_told()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        (workers["a"].Refuses, workers["b"].Refuses) = (true, true);
        await Assert.ThrowsAsync<ClusterUnavailableException>(() => new RecordKeeper(workers, _time, () => Some.Running(Epochs.After(0)), Fail).SaveAsync());
    }

    /// <summary>While silos go, two activations of a grain may take over from one record.</summary>
    [Fact]
    public async Task Of_two_owners_with_one_predecessor_one_is_turned_away()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var first = Epochs.After(0);
        var epochs = new[] { Epochs.After(first), Epochs.After(first) }.Order().ToArray();
        Assert.True(first < epochs[0]);
        Assert.True(epochs[0] < epochs[1]);
        Assert.All(epochs, static epoch => Assert.Equal(2, Epochs.RoundOf(epoch)));
        Assert.True(epochs[1] < Epochs.After(epochs[0]));
        var turnedAway = 0;
        var (lower, higher) = (Some.Running(epochs[0]), Some.Running(epochs[1]));
        var low = new RecordKeeper(workers, _time, () => lower, _ => turnedAway++);
        await low.SaveAsync();
        await new RecordKeeper(workers, _time, () => higher, Fail).SaveAsync();
        Assert.Equal(0, turnedAway);
        await low.SaveAsync();
        Assert.Equal(1, turnedAway);
        Assert.All([workers["a"], workers["b"]], worker => Assert.Equal(epochs[1], worker.Records.Read(Some.Job, 0)!.Record.Point.Epoch));
    }

    /// <summary>
    /// A worker that misses one write has the job as running for ever: when all others have forgotten it, it would wake the job, which would
    /// run again.
    /// </summary>
    [Fact]
    public async Task A_keeper_that_another_one_replaced_hears_of_the_end()
    {
        var workers = new FakeWorkers(_time, s_names);
        JobState.Known job = Some.Running(Epochs.After(0));
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        await keeper.SaveAsync();
        var replaced = workers[s_names.First(name => workers[name].Records.Read(Some.Job, 0) is not null)];
        replaced.Refuses = true;
        await keeper.SaveAsync();
        replaced.Refuses = false;
        Assert.Null(replaced.Records.Read(Some.Job, 0)!.Record.Ended);
        job = new JobState.Succeeded(job.File, DateTimeOffset.UnixEpoch);
        await keeper.SaveAsync();
        Assert.NotNull(replaced.Records.Read(Some.Job, 0)!.Record.Ended);
    }

    /// <summary>
    /// The write to the second keeper may be lost on its way, and nothing changes for long: whoever had the only copy died with it.
    /// </summary>
    [Fact]
    public async Task A_copy_that_is_missing_is_written_again_soon()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        workers["b"].Refuses = true;
        var owns = true;
        var job = Some.Running(Epochs.After(0));
        var keeper = new RecordKeeper(workers, _time, () => job, Fail) { Owns = () => owns };
        await keeper.SaveAsync();
        Assert.Null(workers["b"].Records.Read(Some.Job, 0));

        // Also when the next write fails too.
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.PassAsync(keeper.SavedAsync());
        workers["b"].Refuses = false;
        for (var second = 0; second < 5 && workers["b"].Records.Read(Some.Job, 0) is null; second++)
        {
            await PassSecondAsync();
        }

        Assert.NotNull(workers["b"].Records.Read(Some.Job, 0));

        // What is another activation's is not this one's to save.
        workers["b"].Refuses = true;
        await keeper.SaveAsync();
        (workers["b"].Refuses, owns) = (false, false);
        var known = workers["b"].Records.Read(Some.Job, 0)!.Record.Point;
        for (var second = 0; second < 5; second++)
        {
            await PassSecondAsync();
        }

        Assert.Equal(known, workers["b"].Records.Read(Some.Job, 0)!.Record.Point);
    }

    private async Task PassSecondAsync()
    {
        for (var tenth = 0; tenth < 10; tenth++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    /// <summary>When a job begins no worker may be able to keep it; who submits it again is told when two do.</summary>
    [Fact]
    public async Task What_nobody_could_keep_is_saved_when_it_is_submitted_again()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        (workers["a"].Refuses, workers["b"].Refuses) = (true, true);
        var keeper = new RecordKeeper(workers, _time, () => Some.Running(Epochs.After(0)), Fail);
        await Assert.ThrowsAsync<ClusterUnavailableException>(keeper.SaveFirstAsync);
        (workers["a"].Refuses, workers["b"].Refuses) = (false, false);
        await keeper.SaveFirstAsync();
        Assert.All([workers["a"], workers["b"]], static worker => Assert.NotNull(worker.Records.Read(Some.Job, 0)));
    }

    /// <summary>
    /// A job's client lets it go while another activation takes over from what was on record before: the one is told, and the other one
    /// drove the job for as long as the client lived.
    /// </summary>
    [Fact]
    public async Task An_owner_that_took_over_from_before_hears_that_nobody_wants_the_job()
    {
        var workers = new FakeWorkers(_time, s_names);
        var former = Some.Running(Epochs.After(0));
        var keeper = new RecordKeeper(workers, _time, () => former, Fail);
        await keeper.SaveAsync();
        var found = (await RecordSearch.FindAsync(workers, Some.Job, _time))!;
        former.File.Unwanted = true;
        await keeper.SaveAsync();

        var later = Some.Running(Epochs.After(found.Newest));
        var said = new List<RecordReply>();
        var next = new RecordKeeper(workers, _time, () => later, said.Add);
        next.TakeOver(found.Keepers);
        await next.SaveAsync();
        Assert.Equal([RecordReply.Unwanted], said);

        // It says so itself then, and is the owner.
        later.File.Unwanted = true;
        await next.SaveAsync();
        Assert.Single(said);
        Assert.All(found.Keepers, w => Assert.Equal(later.File.Epoch, workers[w.Value].Records.Read(Some.Job, 0)!.Record.Point.Epoch));
    }

    /// <summary>The workers that are first in turn may be others by then: where nobody writes twice, two owners never hear of each other.</summary>
    [Fact]
    public async Task A_job_that_is_taken_over_stays_with_its_keepers()
    {
        var workers = new FakeWorkers(_time, s_names);
        foreach (var name in s_names[..2])
        {
            workers[name].Refuses = true;
        }

        var former = Some.Running(Epochs.After(0));
        var turnedAway = 0;
        var keeper = new RecordKeeper(workers, _time, () => former, _ => turnedAway++);
        await keeper.SaveAsync();
        foreach (var name in s_names[..2])
        {
            workers[name].Refuses = false;
        }

        var found = (await RecordSearch.FindAsync(workers, Some.Job, _time))!;
        var later = Some.Running(Epochs.After(found.Newest));
        var next = new RecordKeeper(workers, _time, () => later, Fail);
        next.TakeOver(found.Keepers);
        await next.SaveAsync();
        Assert.Null(workers["a"].Records.Read(Some.Job, 0));
        Assert.Null(workers["b"].Records.Read(Some.Job, 0));
        await keeper.SaveAsync();
        Assert.Equal(1, turnedAway);
    }

    [Fact]
    public async Task Each_save_tells_what_came_since_the_one_before()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var job = Some.Running(7);
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        await keeper.SaveAsync();
        for (var p = 0; p < 3; p++)
        {
            job.Commit(Some.Result(p));
            await keeper.SaveAsync();
        }

        foreach (var worker in new[] { workers["a"], workers["b"] })
        {
            Assert.Equal([null, 1, 2, 3], worker.Written.Select(w => w.After?.Sequence));
            Assert.Equal([1, 2, 3, 4], worker.Written.Select(w => w.Point.Sequence));
            Assert.Equal([0, 1, 2], Found(worker).Committed.Select(r => r.Partition));
        }
    }

    /// <summary>The whole record was written with each save: as many bytes as the square of the tasks.</summary>
    [Fact]
    public async Task What_is_written_grows_with_the_results_and_not_with_the_saves()
    {
        Assert.InRange(await WrittenAsync(20_000, 200) / (double)await WrittenAsync(2_000, 20), 9, 11);
        Assert.InRange(await WrittenAsync(20_000, 200) / 20_000.0, 20, 50);

        async Task<long> WrittenAsync(int results, int saves)
        {
            var workers = new FakeWorkers(_time, "a");
            var job = Some.Running(7);
            var keeper = new RecordKeeper(workers, _time, () => job, Fail);
            for (var save = 0; save < saves; save++)
            {
                for (var i = 0; i < results / saves; i++)
                {
                    job.Commit(Some.Result((save * (results / saves)) + i) with { Worker = new WorkerId("w") });
                }

                await keeper.SaveAsync();
            }

            Assert.Equal(results, Found(workers["a"]).Committed.Length);
            return workers["a"].Written.Sum(w => (long)w.Entry.Length + w.Head.Length);
        }
    }

    /// <summary>A keeper that was away takes no entry, and the owner answers with all that counts.</summary>
    [Fact]
    public async Task A_keeper_that_does_not_follow_gets_a_snapshot()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var job = Some.Running(7);
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        job.Commit(Some.Result(0));
        await keeper.SaveAsync();
        workers["b"].Records.Remove(Some.Job);
        job.Commit(Some.Result(1));
        await keeper.SaveAsync();

        Assert.Equal([null, 1, null], workers["b"].Written.Select(w => w.After?.Sequence));
        Assert.Equal([null, 1], workers["a"].Written.Select(w => w.After?.Sequence));
        Assert.All([workers["a"], workers["b"]], w => Assert.Equal([0, 1], Found(w).Committed.Select(r => r.Partition)));
        Assert.All([workers["a"], workers["b"]], w => Assert.Equal(2, w.Records.Read(Some.Job, 0)!.Record.Point.Sequence));
    }

    [Fact]
    public async Task A_worker_that_takes_the_place_of_a_dead_keeper_gets_a_snapshot()
    {
        var workers = new FakeWorkers(_time, s_names);
        var job = Some.Running(7);
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        job.Commit(Some.Result(0));
        await keeper.SaveAsync();
        var dead = s_names.First(name => workers[name].Written.Count > 0);
        workers.Kill(dead);
        job.Commit(Some.Result(1));
        await keeper.SaveAsync();

        var keepers = s_names.Where(name => name != dead && workers[name].Written.Count > 0).ToArray();
        Assert.Equal(2, keepers.Length);
        Assert.All(keepers, name => Assert.Equal([0, 1], Found(workers[name]).Committed.Select(r => r.Partition)));
    }

    /// <summary>A keeper takes an entry behind the one before it only, so saves do not overtake each other.</summary>
    [Fact]
    public async Task A_save_waits_for_the_one_before()
    {
        var workers = new FakeWorkers(_time, "a", "b");
        var job = Some.Running(7);
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(p =>
        {
            job.Commit(Some.Result(p));
            return keeper.SaveAsync();
        }));
        Assert.All([workers["a"], workers["b"]], w => Assert.Single(w.Written, static write => write.After is null));
        Assert.All([workers["a"], workers["b"]], w => Assert.Equal(5, Found(w).Committed.Length));
    }

    /// <summary>The plan of an ended job, and results that were lost and computed again and again, do not stay with the keepers.</summary>
    [Fact]
    public async Task A_log_that_says_mostly_nothing_any_more_begins_anew()
    {
        var workers = new FakeWorkers(_time, "a");
        var submission = Some.Submission with { Plan = new PlanRef(BlobName.Of([]), new byte[50_000], []) };
        JobState.Known job = new JobState.Running(new JobFile(submission, 7, DateTimeOffset.UnixEpoch));
        var keeper = new RecordKeeper(workers, _time, () => job, Fail);
        await keeper.SaveAsync();
        for (var i = 0; i < 5000; i++)
        {
            job.Commit(Some.Result(0, attempt: i) with { Worker = new WorkerId("w") });
            job.Reopen([Some.Result(0, attempt: i)]);
            if (i % 100 == 0)
            {
                await keeper.SaveAsync();
            }
        }

        Assert.InRange(Kept(), 50_000, 150_000);
        job = (JobState.Known)job.Succeed(DateTimeOffset.UnixEpoch)!;
        await keeper.SaveAsync();

        // Results that are lost before anybody has read them are computed again.
        Assert.Equal(50_000, Found(workers["a"]).Submission.Plan.Inline!.Length);
        Assert.False(job.File.Log.HasIdlePlan);
        job.Release();
        Assert.True(job.File.Log.HasIdlePlan);
        await keeper.SaveAsync();
        Assert.False(job.File.Log.HasIdlePlan);
        Assert.InRange(Kept(), 0, 5_000);
        Assert.Equal(JobPhase.Succeeded, Found(workers["a"]).Head.Phase);

        int Kept() => workers["a"].Records.Read(Some.Job, 0)!.Entries.Sum(static e => e.Length);
    }

    private static JobRecord Found(FakeWorker worker)
    {
        var page = worker.Records.Read(Some.Job, 0)!;
        Assert.Null(page.Next);
        return LogReader.Read(page.Record, page.Entries);
    }

    private static void Fail(RecordReply why) => Assert.Fail("Nobody else owns the job.");
}
