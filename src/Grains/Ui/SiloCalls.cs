using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>The calls of the page to the cluster's silos.</summary>
/// <param name="live">The live workers: as a silo sees them, or as a client is told.</param>
/// <param name="grains">Resolved late: the page starts before the silo's grains do.</param>
internal sealed class SiloCalls(Func<ValueTask<IReadOnlyList<WorkerDescription>>> live, Func<IGrainFactory> grains)
{
    public ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync() => live();

    public IWorkerGrain Worker(WorkerId worker) => grains().GetGrain<IWorkerGrain>(worker.Value);

    public IHistoryGrain HistoryOf(WorkerId worker) => grains().GetGrain<IHistoryGrain>(worker.Value);

    public IJobGrain Job(JobId job) => grains().GetGrain<IJobGrain>(job.Value);

    public IRddGrain Rdd(LineageId lineage) => grains().GetGrain<IRddGrain>(lineage.ToString());

    /// <summary>What a job's own grain says of it: not answered, or null when it knows no such job.</summary>
    public async Task<(bool Answered, JobSummary? State)> StatusAsync(JobId job)
    {
        try
        {
            return (true, await Job(job).StatusAsync());
        }
        catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
        {
            return (false, null);
        }
    }

    /// <summary>Null from a worker that does not answer: the others are shown.</summary>
    public static async Task<R?> TryAsync<R>(Func<Task<R>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (CallErrors.IsTransient(e, CancellationToken.None))
        {
            return default;
        }
    }
}
