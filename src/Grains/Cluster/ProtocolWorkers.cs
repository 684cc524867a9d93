using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Cluster;

/// <summary>
/// The workers of one protocol number, for the tasks of a plan of that number. The others live, keep records and hold what they hold, and
/// count as none where a task is to run.
/// </summary>
/// <param name="spared">Counts as none too, while there are enough without it; null for none.</param>
internal sealed class ProtocolWorkers(IWorkerPool all, ProtocolNumber number, WorkerId? spared = null) : IWorkerPool
{
    /// <summary>Of two workers none can be spared.</summary>
    private const int EnoughToSpareOne = 3;

    public long Version => all.Version;

    public IReadOnlyList<WorkerId> Known => all.Known;

    public bool Leaving => all.Leaving;

    public WorkerId? Own => all.Own;

    public async ValueTask<IReadOnlyList<WorkerDescription>> LiveAsync()
    {
        var live = await all.LiveAsync();
        foreach (var worker in live)
        {
            if (worker.Protocol != number)
            {
                live = [.. live.Where(w => w.Protocol == number)];
                break;
            }
        }

        return spared is { } one && live.Count >= EnoughToSpareOne ? [.. live.Where(w => w.Id != one)] : live;
    }

    public bool IsLive(WorkerId worker) => all.IsLive(worker);

    public bool IsDead(WorkerId worker) => all.IsDead(worker);

    public void Meet(WorkerDescription worker) => all.Meet(worker);

    public IWorkerGrain Get(WorkerId worker) => all.Get(worker);

    public Task ChangedAsync(long seen, TimeSpan slice) => all.ChangedAsync(seen, slice);

    public IDisposable OnChanged(Action changed) => all.OnChanged(changed);
}

/// <summary>Who counts as a worker for a plan.</summary>
internal static class ProtocolPool
{
    public static IWorkerPool Of(this IWorkerPool pool, ProtocolNumber number) => new ProtocolWorkers(pool, number);

    /// <summary>Those that may run a stage's tasks, for the owner that hands them out.</summary>
    public static IWorkerPool Of(this IWorkerPool pool, StageSpec stage) =>
        new ProtocolWorkers(pool, stage.Plan.Protocol, stage.Policy.SparesOwner && !stage.Barrier ? pool.Own : null);

    /// <summary>The workers that a plan of the number waits for, in words; null when there is one.</summary>
    public static async ValueTask<string?> LackOfAsync(this IWorkerPool pool, ProtocolNumber number)
    {
        var live = await pool.LiveAsync();
        if (live.Any(w => w.Protocol == number))
        {
            return null;
        }

        var others = string.Join(
            ", ", live.GroupBy(static w => w.Protocol).OrderBy(static g => g.Key.Value).Select(static g => $"{g.Count()} of {g.Key}"));
        return others.Length == 0
            ? $"a worker of MicroSpark {number}"
            : $"a worker of MicroSpark {number} (those of another version do not count: {others}; "
                + $"'dotnet tool update --global MicroSpark.Tool --version {number}.*' changes a worker's)";
    }
}
