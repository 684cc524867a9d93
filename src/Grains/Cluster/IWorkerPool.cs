using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Cluster;

/// <summary>The workers that are alive, as one silo sees them.</summary>
internal interface IWorkerPool
{
    /// <summary>Grows with every change of the set of live workers, and with every worker that is known to have ended.</summary>
    long Version { get; }

    /// <summary>The live workers' ids, without asking anybody.</summary>
    IReadOnlyList<WorkerId> Known { get; }

    /// <summary>The live workers with their slots, in the order of their ids; waits shortly for those that have just joined.</summary>
    ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync();

    /// <summary>The worker of this silo; null when it has none.</summary>
    WorkerId? Own => null;

    bool IsLive(WorkerId worker);

    /// <summary>Whether its silo is known to have ended. One that leaves, or that nobody has heard of yet, has not.</summary>
    bool IsDead(WorkerId worker);

    /// <summary>A live worker has told how it is now.</summary>
    void Meet(WorkerDescription worker);

    IWorkerGrain Get(WorkerId worker);

    /// <summary>
    /// Whether this silo has begun to stop. A failure here from now on is due to the silo and not the job, and other silos go on with the
    /// job.
    /// </summary>
    bool Leaving { get; }

    /// <summary>Ends when <see cref="Version"/> is greater than <paramref name="seen"/>, or when the slice is over.</summary>
    Task ChangedAsync(long seen, TimeSpan slice);

    /// <summary>Calls <paramref name="changed"/> after every change, on any thread, until it is disposed.</summary>
    IDisposable OnChanged(Action changed);
}
