using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Workers;

/// <summary>
/// The records of jobs that one silo keeps: for each a log of bytes, which it does not read, under the epoch and the sequence of its last
/// entry. It takes what follows that; an owner of an older epoch is turned away.
/// </summary>
internal sealed class RecordTable
{
    private const int MostRecords = 2000;

    /// <summary>So many are left where there are too many, as far as their jobs have ended.</summary>
    private const int LeftRecords = MostRecords * 3 / 4;

    private readonly ConcurrentDictionary<JobId, KeptRecord> _records = new();
    private readonly Lock _trimming = new();
    private int _enough = MostRecords;

    /// <summary>How often all records were looked through for old ones.</summary>
    internal int Trims { get; private set; }

    public RecordReply Write(RecordWrite write)
    {
        if (write.After is not null)
        {
            return _records.TryGetValue(write.Job, out var kept) ? kept.Write(write) : RecordReply.Behind;
        }

        var reply = _records.GetOrAdd(write.Job, static job => new KeptRecord(job)).Write(write);
        Trim();
        return reply;
    }

    /// <summary>The log from an entry on, as much as fits into a reply; null when nothing is kept of the job.</summary>
    public RecordPage? Read(JobId job, int from) => _records.GetValueOrDefault(job)?.Page(from);

    /// <summary>All records, without their logs.</summary>
    public IEnumerable<RecordHead> All() => _records.Values.Select(static r => r.Head).OfType<RecordHead>();

    /// <summary>The records behind a job's, by the order of the ids, as many as fit into a reply.</summary>
    public RecordHeads Heads(JobId? after)
    {
        var page = new List<RecordHead>();
        var bytes = 0;
        var rest = All().Where(r => after is not { } last || r.Job.Value.CompareTo(last.Value) > 0);
        foreach (var head in rest.OrderBy(static r => r.Job.Value))
        {
            if (bytes > Pages.Largest)
            {
                return new RecordHeads([.. page], page[^1].Job);
            }

            page.Add(head);
            bytes += head.Head.Length + KeptRecord.HeadBytes;
        }

        return new RecordHeads([.. page], null);
    }

    public void Remove(JobId job) => _records.TryRemove(job, out _);

    /// <summary>
    /// A program that runs thousands of jobs a minute must not fill its silos with their memory. Where more jobs wait than are to be kept
    /// there is little to drop, so the next look is after a quarter more: else each job would look through all others.
    /// </summary>
    private void Trim()
    {
        var count = _records.Count;
        if (count > Volatile.Read(ref _enough) && _trimming.TryEnter())
        {
            try
            {
                Trims++;
                var ended = All().Where(static r => r.Ended is not null).OrderBy(static r => r.Ended);
                foreach (var old in ended.Take(count - LeftRecords).ToArray())
                {
                    Remove(old.Job);
                }

                Volatile.Write(ref _enough, Math.Max(MostRecords, _records.Count + (_records.Count / 4)));
            }
            finally
            {
                _trimming.Exit();
            }
        }
        else if (count < MostRecords)
        {
            Volatile.Write(ref _enough, MostRecords);
        }
    }
}
