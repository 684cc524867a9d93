using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Records;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Jobs;

namespace MicroSpark.Tests.Records;

public sealed class LogTests
{
    private static readonly TaskFailure Failure = new(
        "A.B", "bad", "at X", "Map", "f", 12, CanRetry: true, [1, 2], new TaskFailure("C", "inner", null, null, null, null, false, null, null));

    private static readonly JobSubmission Whole = new JobSubmission(
        new JobId(new Guid(1, 2, 3, new byte[8])), new ContextId(new Guid(9, 2, 3, new byte[8])), "näme", "group",
        new PlanRef(BlobName.Of([1]), [4, 5], [new WorkerId("w1"), new WorkerId("w2")]) { Gone = [BlobName.Of([2]), BlobName.Of([3])] }, PartitionRuns.Of([0, 1, 2, 9]),
        new TaskPolicy(4, true, 77, new JobShare("program", "group", 20, 638_000_000_000_000_000), 9, TimeSpan.FromSeconds(90), true), Repeated: true, [new LineageId(1, 2), new LineageId(3, 4)],
        new ResultShape("int", "id", Joined: true), TimeSpan.FromHours(1.5), Awaited: true,
        [new NodeSource(3, "Program.cs:12"), new NodeSource(4, "A b.cs:1", 3 << 20), new NodeSource(5, "", 0, Debug: true)]).OwnedBy("ann");

    [Fact]
    public void All_of_a_record_comes_back()
    {
        var file = new JobFile(Whole, 7, new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero))
        {
            Contents = [new InputContent(new LineageId(5, 6), ulong.MaxValue)],
        };
        var error = new JobError("It broke.", 1, "Map", 2, 3, new WorkerId("w"), Failure, Unavailable: true);
        file.Results.Commit(Some.Result(3));
        file.Results.Commit(Some.Result(1) with { Fingerprint = ulong.MaxValue, Bytes = long.MaxValue, Counts = false, Updates = null });
        var job = new JobState.Failed(file, DateTimeOffset.UnixEpoch, error);
        file.Log.Advance(job);
        var record = LogReader.Read(Head(job), file.Log.Snapshot(job));

        Assert.Equivalent(Whole with { Plan = Whole.Plan with { Inline = null } }, record.Submission, strict: true);
        Assert.Equal(file.Results.Page(0).Select(r => r.OnRecord()), record.Committed.Select(r => r.OnRecord()));
        Assert.Equal(file.Contents, record.Contents);
        Assert.Equivalent(error, record.Error, strict: true);
        Assert.Equal(job.Summary() with { Context = Whole.Context }, record.Head);
    }

    /// <summary>No worker has a small result: with the grain that drives the job it would be gone.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_small_result_is_on_record_itself(int size, bool recorded)
    {
        var file = new JobFile(Whole, 7, DateTimeOffset.UnixEpoch);
        var inline = Enumerable.Range(0, size).Select(static n => (byte)n).ToArray();
        file.Results.Commit(Some.Result(3) with { Inline = inline });
        var job = new JobState.Succeeded(file, DateTimeOffset.UnixEpoch);
        var read = Assert.Single(LogReader.Read(Head(job), file.Log.Snapshot(job)).Committed);
        Assert.Equal(recorded ? inline : null, read.Inline);
    }

    /// <summary>What the record did not have, the next owner did not know: it forgot a job's timeout and its weight.</summary>
    [Theory]
    [InlineData(typeof(JobSubmission))]
    [InlineData(typeof(TaskPolicy))]
    [InlineData(typeof(JobShare))]
    [InlineData(typeof(ResultShape))]
    public void No_field_is_left_out_of_the_submission_that_comes_back(Type type)
    {
        object whole = type == typeof(JobSubmission) ? Whole : type == typeof(TaskPolicy) ? Whole.Policy
            : type == typeof(JobShare) ? Whole.Policy.Share : Whole.Result!;
        Assert.All(
            type.GetProperties(), property =>
            {
                var value = property.GetValue(whole);
                var unset = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
                Assert.False(Equals(value, unset), $"{type.Name}.{property.Name} has a value in no test of the record: write it and read it back.");
            });
    }

    [Fact]
    public void A_running_jobs_record_has_its_plan()
    {
        var job = new JobState.Running(new JobFile(Whole, 7, DateTimeOffset.UnixEpoch));
        Assert.Equivalent(Whole, LogReader.Read(Head(job), job.File.Log.Snapshot(job)).Submission, strict: true);
    }

    /// <summary>A snapshot is made when a keeper asks for one, and the next entry tells again what it has already.</summary>
    [Fact]
    public void An_entry_may_tell_what_the_snapshot_has()
    {
        var job = Some.Running(7);
        job.Commit(Some.Result(0));
        job.Commit(Some.Result(1));
        job.File.Log.Advance(job);
        job.Reopen([Some.Result(0)]);
        job.Commit(Some.Result(0, attempt: 2));
        job.Commit(Some.Result(2));
        job.Reopen([Some.Result(1)]);
        var snapshot = job.File.Log.Snapshot(job);
        var entries = job.File.Log.Advance(job);
        var (once, twice) = (LogReader.Read(Head(job), snapshot), LogReader.Read(Head(job), [.. snapshot, .. entries, .. entries]));
        Assert.Equal([(0, 2L), (2, 1L)], once.Committed.Select(r => (r.Partition, r.Attempt.Value)).Order());
        Assert.Equal(once.Committed.OrderBy(r => r.Partition), twice.Committed.OrderBy(r => r.Partition));
    }

    /// <summary>The laws of the log against the book that it tells of, whatever happens to results in whatever order.</summary>
    [Fact]
    public void A_log_says_what_the_book_says()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var job = Some.Running(7);
            var log = new List<byte[]>();
            job.File.Log.Advance(job);
            log.AddRange(job.File.Log.Snapshot(job));
            for (var step = 0; step < 200; step++)
            {
                var partition = random.Next(20);
                switch (random.Next(10))
                {
                    case < 5:
                        job.Commit(Some.Result(partition, attempt: step));
                        break;
                    case < 7:
                        job.Reopen([.. job.File.Results.Page(0).Where(r => r.Partition == partition)]);
                        break;
                    case 7:
                        (log, _) = ([.. job.File.Log.Snapshot(job)], 0);
                        break;
                    default:
                        log.AddRange(job.File.Log.Advance(job));
                        break;
                }
            }

            log.AddRange(job.File.Log.Advance(job));
            var expected = job.File.Results.Page(0).Where((_, i) => job.File.Results.Counts(i)).Select(r => r.OnRecord());
            Assert.Equal(expected.OrderBy(r => r.Partition), LogReader.Read(Head(job), log).Committed.Select(r => r.OnRecord()).OrderBy(r => r.Partition));
        }
    }

    [Fact]
    public void No_entry_is_larger_than_a_page()
    {
        var job = Some.Running(7);
        for (var p = 0; p < 300_000; p++)
        {
            job.Commit(Some.Result(p) with { Worker = new WorkerId("w"), Inline = null });
        }

        var entries = job.File.Log.Advance(job);
        var parts = job.File.Log.Snapshot(job);
        Assert.All([.. entries, .. parts], e => Assert.InRange(e.Length, 1, Pages.Largest + 16));
        Assert.InRange(entries.Length, 4, 8);
        Assert.Equal(entries.Length, job.File.Log.Point.Sequence);
        Assert.Equal(300_000, LogReader.Read(Head(job), parts).Committed.Length);
    }

    /// <summary>Another build's fields: this one's reader passes by, and the keeper has kept them.</summary>
    [Fact]
    public void Fields_of_another_build_are_passed_by()
    {
        var job = Some.Running(7);
        job.Commit(Some.Result(0));
        job.File.Log.Advance(job);
        var other = new FieldWriter();
        other.Number((LogField)100, 5);
        other.Fixed((LogField)101, 5);
        other.Text((LogField)102, "new");
        Assert.Single(LogReader.Read(Head(job), [other.ToArray(), .. job.File.Log.Snapshot(job), other.ToArray()]).Committed);
    }

    [Theory]
    [InlineData(new byte[] { 0x0a })]
    [InlineData(new byte[] { 0x0a, 0x05, 0x00 })]
    [InlineData(new byte[] { 0x0f })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    public void Bytes_that_are_no_fields_are_refused(byte[] bytes) =>
        Assert.Throws<InvalidDataException>(() => LogReader.Read(Head(Some.Running(7)), [bytes]));

    private static RecordHead Head(JobState.Known job) =>
        new(job.File.Submission.Job, job.File.Log.Point, HeadCodec.Write(job.Summary()), job.EndedAt);
}
