using System.Collections.Concurrent;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Workers;

/// <summary>The job records that one silo keeps. A record replaces an older one; an owner of an older epoch is turned away.</summary>
internal sealed class RecordTable
{
    private const int MostRecords = 2000;

    private readonly ConcurrentDictionary<JobId, JobRecord> _records = new();
    private readonly Lock _trimming = new();

    /// <summary>False when a record of a higher epoch is here.</summary>
    public bool Save(JobRecord record)
    {
        var kept = _records.AddOrUpdate(
            record.Job,
            static (_, fresh) => fresh,
            static (_, old, fresh) => (old.Epoch, old.Sequence).CompareTo((fresh.Epoch, fresh.Sequence)) > 0 ? old : fresh,
            record);
        Trim();
        return kept.Epoch <= record.Epoch;
    }

    /// <summary>A program that runs thousands of jobs a minute must not fill its silos with their memory.</summary>
    private void Trim()
    {
        if (_records.Count > MostRecords && _trimming.TryEnter())
        {
            try
            {
                foreach (var old in _records.Values.Where(r => r.Ended is not null).OrderBy(r => r.Ended).Take(MostRecords / 4).ToArray())
                {
                    _records.TryRemove(old.Job, out _);
                }
            }
            finally
            {
                _trimming.Exit();
            }
        }
    }

    public JobRecord? Load(JobId job) => _records.GetValueOrDefault(job);

    public IEnumerable<JobRecord> All() => _records.Values;

    public void Remove(JobId job) => _records.TryRemove(job, out _);
}
