using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Cluster;

/// <summary>
/// The workers of one protocol number, for the tasks of a plan of that number. The others live, keep records and hold what they hold, and
/// count as none where a task is to run.
/// </summary>
internal sealed class ProtocolWorkers(IWorkerPool all, ProtocolNumber number) : IWorkerPool
{
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
                return [.. live.Where(w => w.Protocol == number)];
            }
        }

        return live;
    }

    public bool IsLive(WorkerId worker) => all.IsLive(worker);

    public void Meet(WorkerDescription worker) => all.Meet(worker);

    public IWorkerGrain Get(WorkerId worker) => all.Get(worker);

    public Task ChangedAsync(long seen, TimeSpan slice) => all.ChangedAsync(seen, slice);

    public IDisposable OnChanged(Action changed) => all.OnChanged(changed);
}

/// <summary>Who counts as a worker for a plan.</summary>
internal static class ProtocolPool
{
    public static IWorkerPool Of(this IWorkerPool pool, ProtocolNumber number) => new ProtocolWorkers(pool, number);

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
            : $"a worker of MicroSpark {number} (those of another version do not count: {others})";
    }
}
