using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The workers that died while they had a task, by partition of one stage. The stage's owner keeps it from one set of tasks to the next:
/// a task whose inputs were lost with its worker begins again in a new set, and what it has done is not forgotten. Nobody knows which
/// of a dead worker's tasks ended it, so each is charged, until one of them runs alone. For one thread at a time.
/// </summary>
internal sealed class WorkerDeaths
{
    private readonly Dictionary<int, List<WorkerId>> _died = [];

    /// <summary>Whether no task is under suspicion.</summary>
    public bool IsEmpty => _died.Count == 0;

    public int Of(int partition) => _died.TryGetValue(partition, out var died) ? died.Count : 0;

    /// <summary>A worker died while it had the task; how many have by now. Each counts once.</summary>
    public int Add(int partition, WorkerId worker)
    {
        if (!_died.TryGetValue(partition, out var died))
        {
            _died.Add(partition, died = []);
        }

        if (!died.Contains(worker))
        {
            died.Add(worker);
        }

        return died.Count;
    }

    /// <summary>For people, in the order in which they died.</summary>
    public string Names(int partition) => string.Join(", ", _died.GetValueOrDefault(partition) ?? []);

    /// <summary>The task has ended: it succeeded, failed for good, or nobody wants it.</summary>
    public void Clear(int partition) => _died.Remove(partition);
}
