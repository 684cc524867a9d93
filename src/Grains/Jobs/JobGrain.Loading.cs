using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Jobs;

// How an activation learns of a job that another one was submitted.
internal sealed partial class JobGrain
{
    private Task? _loading;

    /// <summary>True when the job is known here, if need be from its record at the live workers.</summary>
    private async Task<bool> LoadAsync()
    {
        if (_submission is null)
        {
            try
            {
                await (_loading ??= LoadRecordAsync());
            }
            finally
            {
                if (_submission is null)
                {
                    // Nothing was found, or nobody could be asked: who comes next looks again.
                    _loading = null;
                }
            }
        }

        return _submission is not null && !_expired;
    }

    private async Task LoadRecordAsync()
    {
        var records = await pool.AskAllAsync(w => w.LoadRecordAsync(Job), time);
        if (_submission is not null || records.Select(static r => r.Answer).OfType<JobRecord>().MaxBy(static r => (r.Epoch, r.Sequence)) is not { } record)
        {
            return;
        }

        (_submission, _contents, _loaded) = (record.Submission, record.Contents, record);
        (_epoch, _sequence, _phase, _error, _started, _ended) = (Epochs.After(record.Epoch), record.Sequence, record.Phase, record.Error, record.Started, record.Ended);
        foreach (var result in record.Committed)
        {
            _committed[result.Partition] = result;
            _resultSize += result.Bytes;
            _results.Add(result);
        }

        if (_phase == JobPhase.Running)
        {
            try
            {
                await _keeper.SaveAsync();
            }
            catch (ClusterUnavailableException)
            {
                // Right after a loss. Its next change is saved again.
            }
            finally
            {
                // A job that is known has to be driven, since nobody else will.
                Drive();
            }
        }
    }
}
