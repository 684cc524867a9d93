using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;
using MicroSpark.Tests.Jobs;

namespace MicroSpark.Tests.Workers;

/// <summary>What a keeper takes, by the epoch and the sequence alone: the bytes mean nothing to it.</summary>
public sealed class RecordTableTests
{
    private readonly RecordTable _table = new();

    [Fact]
    public void What_follows_is_kept_and_anything_else_asks_for_a_snapshot()
    {
        Assert.Equal(RecordReply.Behind, Append(1, 2));
        Assert.Equal(RecordReply.Kept, Snapshot(1, 1));
        Assert.Equal(RecordReply.Kept, Append(1, 2));
        Assert.Equal(RecordReply.Behind, Append(1, 4));
        Assert.Equal(RecordReply.Kept, Append(1, 2));
        Assert.Equal([[1], [2]], _table.Read(Some.Job, 0)!.Entries);
        Assert.Equal(RecordReply.Kept, Snapshot(1, 4));
        Assert.Equal(RecordReply.Kept, Append(1, 5));
        Assert.Equal([[4], [5]], _table.Read(Some.Job, 0)!.Entries);
        Assert.Equal(new RecordPoint(1, 5), _table.Read(Some.Job, 0)!.Record.Point);
    }

    [Fact]
    public void A_higher_epoch_begins_with_a_snapshot_and_turns_the_lower_one_away()
    {
        Snapshot(1, 9);
        Assert.Equal(RecordReply.Behind, Append(2, 2));
        Assert.Equal(RecordReply.Kept, Snapshot(2, 1));
        Assert.Equal(RecordReply.Superseded, Append(1, 10));
        Assert.Equal(RecordReply.Superseded, Snapshot(1, 11));
        Assert.Equal(new RecordPoint(2, 1), _table.Read(Some.Job, 0)!.Record.Point);
    }

    /// <summary>Its sender may die between two parts, and then the former log is all that there is.</summary>
    [Fact]
    public void A_snapshot_counts_once_all_of_it_is_there()
    {
        Snapshot(1, 1);
        Assert.Equal(RecordReply.Kept, Part(2, 5, 0, 3));
        Assert.Equal(new RecordPoint(1, 1), _table.Read(Some.Job, 0)!.Record.Point);
        Assert.Equal(RecordReply.Superseded, Append(1, 2));
        Assert.Equal(RecordReply.Behind, Part(2, 5, 2, 3));
        Assert.Equal(RecordReply.Kept, Part(2, 5, 1, 3));
        Assert.Equal(RecordReply.Kept, Part(2, 5, 2, 3));
        Assert.Equal(new RecordPoint(2, 5), _table.Read(Some.Job, 0)!.Record.Point);
        Assert.Equal([[5], [5], [5]], _table.Read(Some.Job, 0)!.Entries);
    }

    [Fact]
    public void A_long_log_is_read_in_pages()
    {
        _table.Write(new RecordWrite(Some.Job, new RecordPoint(1, 1), null, 0, 1, [], new byte[Pages.Largest], null));
        for (var s = 2; s <= 5; s++)
        {
            _table.Write(new RecordWrite(Some.Job, new RecordPoint(1, s), new RecordPoint(1, s - 1), 0, 1, [], new byte[Pages.Largest / 2], null));
        }

        var entries = 0;
        for (int? from = 0; from is { } next;)
        {
            var page = _table.Read(Some.Job, next)!;
            Assert.InRange(page.Entries.Sum(static e => e.Length), 1, Pages.Largest * 2);
            entries += page.Entries.Length;
            from = page.Next;
        }

        Assert.Equal(5, entries);
    }

    /// <summary>Each of them looked through all others: 2,000 jobs that wait cost 2,000 looks at 2,000 records.</summary>
    [Fact]
    public void Jobs_that_wait_are_not_looked_through_with_each_new_one()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Keep(i, ended: null);
        }

        Assert.InRange(_table.Trims, 1, 10);
        Assert.Equal(10_000, _table.All().Count());
        for (var i = 0; i < 10_000; i++)
        {
            Keep(i, ended: DateTimeOffset.UnixEpoch.AddSeconds(i), sequence: 2);
        }

        for (var i = 10_000; i < 30_000; i++)
        {
            Keep(i, ended: DateTimeOffset.UnixEpoch.AddSeconds(i));
        }

        Assert.InRange(_table.All().Count(), 1500, 2501);
        Assert.DoesNotContain(_table.All(), static head => head.Ended < DateTimeOffset.UnixEpoch.AddSeconds(20_000));
    }

    private void Keep(int job, DateTimeOffset? ended, int sequence = 1) => _table.Write(
        new RecordWrite(new JobId(new Guid(job, 0, 0, new byte[8])), new RecordPoint(1, sequence), null, 0, 1, [], [], ended));

    [Fact]
    public void Many_heads_are_read_in_pages()
    {
        for (var i = 0; i < 1500; i++)
        {
            var job = new JobId(new Guid(i * 7919 % 1500, 0, 0, new byte[8]));
            _table.Write(new RecordWrite(job, new RecordPoint(1, 1), null, 0, 1, new byte[4000], [], null));
        }

        var seen = new List<JobId>();
        JobId? after = null;
        do
        {
            var page = _table.Heads(after);
            Assert.InRange(page.Heads.Sum(static h => h.Head.Length), 1, Pages.Largest * 2);
            seen.AddRange(page.Heads.Select(static h => h.Job));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(1500, seen.Distinct().Count());
        Assert.Equal(1500, seen.Count);
    }

    private RecordReply Append(long epoch, long sequence) => _table.Write(new RecordWrite(
        Some.Job, new RecordPoint(epoch, sequence), new RecordPoint(epoch, sequence - 1), 0, 1, [], [(byte)sequence], null));

    private RecordReply Snapshot(long epoch, long sequence) => Part(epoch, sequence, 0, 1);

    private RecordReply Part(long epoch, long sequence, int part, int parts) =>
        _table.Write(new RecordWrite(Some.Job, new RecordPoint(epoch, sequence), null, part, parts, [], [(byte)sequence], null));
}
