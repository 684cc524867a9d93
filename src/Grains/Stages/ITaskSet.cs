using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// A way to compute partitions of one stage whose inputs are there: with workers directly, or under the lock of PartitionGrains.
/// </summary>
internal interface ITaskSet
{
    /// <summary>
    /// Ends when every partition has ended; <paramref name="ended"/> is called once for each, on the caller's scheduler. Lost workers
    /// are dealt with here; lost inputs are reported, for the caller to ensure them again.
    /// </summary>
    Task RunAsync(IReadOnlyList<PlacedPartition> partitions, InputVersion[] inputs, Action<TaskReport> ended);

    /// <summary>Stops all tasks; what has not ended is reported as cancelled. Called on the scheduler that runs the set.</summary>
    void Stop();

    /// <summary>From now on these jobs wait for the tasks.</summary>
    void Share(JobStake[] jobs);
}

/// <summary>Tasks that are sent to workers from here.</summary>
internal interface IWorkerTaskSet : ITaskSet
{
    /// <summary>Stops one partition's attempts; it is reported as cancelled unless it has ended.</summary>
    void Cancel(int partition);
}

internal static class WorkerTaskSet
{
    public static IWorkerTaskSet Of(StageSpec stage, IWorkerPool pool, SiloEvents events, TimeProvider time, DeathBook book)
    {
        var (workers, deaths) = (pool.Of(stage), new WorkerDeaths(book, stage));
        return stage.Barrier
            ? new BarrierTaskSet(stage, workers, events, time, deaths)
            : new TaskSetRunner(stage, workers, time, events: events, deaths: deaths);
    }
}
