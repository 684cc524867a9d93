using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Records;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Jobs;

namespace MicroSpark.Tests.Records;

/// <summary>A record lies at other workers, which may be wrong: its bytes are a record or damage.</summary>
public sealed class DamagedRecordTests
{
    [Fact]
    public void Any_entry_is_a_record_or_damage()
    {
        var job = Some.Running(7);
        job.Commit(Some.Result(0));
        job.Commit(Some.Result(1));
        job.File.Log.Advance(job);
        job.Reopen([Some.Result(0)]);
        var head = new RecordHead(job.File.Submission.Job, new(1, 2), HeadCodec.Write(job.Summary()), null);
        var seed = 0;
        foreach (var entry in job.File.Log.Snapshot(job))
        {
            Mutations.Check(entry, bytes => LogReader.Read(head, [entry, bytes]), 1000, ++seed);
        }

        Mutations.Check(head.Head, bytes => HeadCodec.Read(head with { Head = bytes }), 1000, ++seed);
    }

    /// <summary>A stack overflow ends the process: no reader may go as deep as somebody else's bytes say.</summary>
    [Fact]
    public void Errors_in_errors_are_read_to_a_depth()
    {
        byte[] failure = [];
        for (var depth = 0; depth < 5000; depth++)
        {
            var field = new FieldWriter();
            field.Bytes(FailureField.Inner, failure);
            failure = field.ToArray();
        }

        var error = new FieldWriter();
        error.Bytes(ErrorField.Failure, failure);
        var thrown = Assert.Throws<InvalidDataException>(() => ErrorCodec.Read(error.ToArray()));
        Assert.Contains("nested deeper", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_name_no_more_partitions_than_there_can_be()
    {
        byte[] billions = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => new PartitionRuns(billions).ToArray());
        Assert.Contains("4294967295 partitions", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Throws<InvalidDataException>(() => new PartitionRuns([0]).ToArray());
        Assert.Throws<InvalidDataException>(() => new PartitionRuns([1, 5]).ToArray());
        Assert.Throws<InvalidDataException>(() => new PlacedRuns(PartitionRuns.Of([0, 1]), [], [0, 3]).ToArray());
        Assert.Throws<InvalidDataException>(() => new PlacedRuns(PartitionRuns.Of([0, 1]), [], [1, 2]).ToArray());
    }
}
