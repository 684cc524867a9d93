using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

// Where results go once nobody wants them.
internal sealed partial class JobGrain
{
    private IGrainTimer? _expiry;

    public async Task KeepAsync()
    {
        if (await LoadAsync() && _phase == JobPhase.Succeeded)
        {
            Retain();
            var output = JobOutput.LineageOf(Job);
            await Task.WhenAll(_committed.Values.Select(r => r.Worker).Distinct().Where(pool.IsLive).Select(w => TouchAsync(w, output)));
        }
    }

    /// <summary>From now on ten minutes, unless the job is driven again.</summary>
    private void Retain()
    {
        _expiry?.Dispose();
        _expiry = this.RegisterGrainTimer(() => _ended is null ? Task.CompletedTask : ExpireAsync(), new GrainTimerCreationOptions(s_retention, Timeout.InfiniteTimeSpan));
    }

    /// <summary>
    /// Drops the results, and all that is known of the job with them: an activation without them would tell of success and give nothing. Who still
    /// comes meets a new one, which has the record and computes what is asked for, or has none.
    /// </summary>
    private Task ExpireAsync()
    {
        _expired = true;
        DeactivateOnIdle();
        return DropResultsAsync();
    }

    private Task DropResultsAsync()
    {
        var dropped = DropBlocksAsync();
        _results.Clear();
        _committed.Clear();
        _resultSize = 0;
        return dropped;
    }

    /// <summary>
    /// Drops all that the last stage has put anywhere, and stops what may still put something: a task whose end was not awaited runs until it
    /// sees that it is cancelled. What the tasks added to accumulators can still be asked for.
    /// </summary>
    private Task DropBlocksAsync()
    {
        var output = JobOutput.LineageOf(Job);
        var workers = (_phase == JobPhase.Succeeded ? _results.Select(r => r.Worker).Distinct() : pool.Known).Where(pool.IsLive).ToArray();
        return Task.WhenAll(workers.Select(w => DropAsync(w, output)));
    }

    /// <summary>Best effort: what is lost is computed again.</summary>
    private async Task TouchAsync(WorkerId worker, LineageId output)
    {
        try
        {
            await pool.Get(worker).TouchAsync(output);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            _ = e;
        }
    }

    /// <summary>Best effort: a worker that cannot be told drops results after ten minutes.</summary>
    private async Task DropAsync(WorkerId worker, LineageId output)
    {
        try
        {
            await pool.Get(worker).DropAsync(output);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            _ = e;
        }
    }
}
