using MicroSpark.Grains.Cluster;
using MicroSpark.Model;

namespace MicroSpark.Grains.Jobs;

/// <summary>The blocks of one job's results, at the workers that hold them.</summary>
internal sealed class ResultBlocks(JobId job, IWorkerPool pool)
{
    private readonly LineageId _output = JobOutput.LineageOf(job);

    /// <summary>They stay for another while.</summary>
    public Task TouchAsync(ResultBook results) =>
        Task.WhenAll(results.Workers.Where(pool.IsLive).Select(TouchAsync));

    /// <summary>Who may have some of them. Of a job that was stopped, or failed, tasks may have put blocks of which nobody knows.</summary>
    public WorkerId[] HoldersOf(JobState.Known job) => [.. job is JobState.Succeeded ? job.File.Results.Workers : pool.Known];

    /// <summary>
    /// Drops all blocks that the last stage has put there, and stops the tasks that may still put one. A task whose end was not awaited
    /// runs until it sees its cancellation. The additions of the tasks to accumulators can still be asked for.
    /// </summary>
    public Task DropAsync(WorkerId[] holders) => Task.WhenAll(holders.Where(pool.IsLive).Select(DropAsync));

    /// <summary>Best effort: a lost block is computed again.</summary>
    private async Task TouchAsync(WorkerId worker)
    {
        try
        {
            await pool.Get(worker).TouchAsync(_output);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            _ = e;
        }
    }

    /// <summary>Best effort: a worker that cannot be told drops results after ten minutes.</summary>
    private async Task DropAsync(WorkerId worker)
    {
        try
        {
            await pool.Get(worker).DropAsync(_output);
        }
        catch (Exception e) when (CallErrors.IsTransient(e))
        {
            _ = e;
        }
    }
}
