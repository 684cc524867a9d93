using MicroSpark.Errors;
using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

// How a batch is followed until its worker has reported all of it, or is lost.
internal sealed partial class TaskSetRunner
{
    private static readonly Patience s_patience = new(TimeSpan.FromMilliseconds(100))
    {
        Tries = 5,
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    private async void Follow(Batch batch)
    {
        var grain = pool.Get(batch.Worker);
        var seen = 0;
        var started = false;
        var trial = s_patience.Begin(time);
        while (_open > 0 && batch.Open.Count > 0)
        {
            try
            {
                var page = started ? await grain.NextAsync(batch.Request.Id, seen) : await grain.RunBatchAsync(batch.Request);
                started = true;
                trial.Succeeded();
                seen = page.Next;
                Handle(batch, page);
                if (page.Unknown)
                {
                    Lose(batch, null);
                }
            }
            catch (Exception e)
            {
                // Both calls may be repeated: the batch has an id, the reports are numbered.
                if (e is SiloUnavailableException || !pool.IsLive(batch.Worker))
                {
                    _lost.Add(batch.Worker);
                    Lose(batch, null);
                }
                else if (!trial.Failed() || (e is TimeoutException && trial.Failures > 1))
                {
                    Lose(batch, e);
                }
                else
                {
                    await trial.PauseAsync();
                }
            }
        }

        _batches.Remove(batch);
    }

    /// <summary>The worker will not report the rest: it goes elsewhere. An error of a live worker counts as the tasks' failure.</summary>
    private void Lose(Batch batch, Exception? error)
    {
        foreach (var task in batch.Request.Tasks)
        {
            if (!batch.Open.Remove(task.Partition, out var work))
            {
                continue;
            }

            var alone = --work.Running == 0;
            if (work.Ended)
            {
                continue;
            }

            if (error is null || !alone)
            {
                _log.WorkerLost(work.Partition, task.AttemptNumber, batch.Worker, again: alone);
            }

            if (alone && error is null)
            {
                GiveBack(work, batch.Worker, "its worker was lost");
            }
            else if (alone)
            {
                Handle(batch, work, Failed(work, batch.Worker, TaskFailure.Of(error!)));
            }
        }

        Assign();
    }

    /// <summary>One call stops all tasks of a batch that ended elsewhere in this turn.</summary>
    private async void StopStopped(Batch batch)
    {
        if (batch.Stopping)
        {
            return;
        }

        batch.Stopping = true;
        await Task.Yield();
        batch.Stopping = false;
        var stopped = batch.Stopped.ToArray();
        batch.Stopped.Clear();
        pool.Get(batch.Worker).CancelBatchAsync(batch.Request.Id, stopped).Forget();
    }
}
