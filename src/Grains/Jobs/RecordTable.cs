using System.Collections.Concurrent;

namespace MicroSpark.Jobs;

/// <summary>The job records that one silo keeps. A record replaces an older one; an owner of an older epoch is turned away.</summary>
internal sealed class RecordTable
{
    private readonly ConcurrentDictionary<JobId, JobRecord> _records = new();

    /// <summary>False when a record of a higher epoch is here.</summary>
    public bool Save(JobRecord record)
    {
        var kept = _records.AddOrUpdate(
            record.Job,
            static (_, fresh) => fresh,
            static (_, old, fresh) => (old.Epoch, old.Sequence).CompareTo((fresh.Epoch, fresh.Sequence)) > 0 ? old : fresh,
            record);
        return kept.Epoch <= record.Epoch;
    }

    public JobRecord? Load(JobId job) => _records.GetValueOrDefault(job);

    public IEnumerable<JobRecord> All() => _records.Values;

    public void Remove(JobId job) => _records.TryRemove(job, out _);
}
