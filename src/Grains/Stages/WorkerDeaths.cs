using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// The workers that died while they had a task, by partition of one stage, as its owner sees it. The book of its silo keeps it, and those
/// of all others, so that the next owner knows it, and the next set of tasks: one whose inputs were lost with its worker begins again in a
/// new set. Nobody knows which of a dead worker's tasks ended it, so each is charged, until one of them runs alone.
/// </summary>
internal sealed class WorkerDeaths(DeathBook book, StageSpec stage)
{
    /// <summary>Stands for all tasks of a barrier stage: what ends one ends all.</summary>
    public const int Together = -1;

    private readonly List<int> _cleared = [];

    /// <summary>How many workers died while they had the task.</summary>
    public int Of(int partition) => book.Of(stage.Job, stage.Output, partition).Length;

    /// <summary>What a job says of a task under which too many workers died.</summary>
    public TaskFailure Killer(int partition)
    {
        var died = book.Of(stage.Job, stage.Output, partition);
        var (who, names) = (died.Length == 1 ? "The worker" : $"Each of {died.Length} workers", string.Join(", ", died));
        return new TaskFailure(
            typeof(ClusterUnavailableException).FullName!,
            $"{who} that ran it died: {names}. Code that the task calls may end its process (Environment.Exit, FailFast, a stack overflow, "
            + "an exception on a thread of its own, too much memory): the last lines of those workers' output say how they ended. "
            + "MicroSpark:Retry:MaxWorkerDeaths is how many may die.",
            null, stage.Name, null, null, CanRetry: false, null, null);
    }

    /// <summary>A worker died while it had the tasks. Each counts once.</summary>
    public void Add(int[] partitions, WorkerId worker) => book.Tell(new DeathNote(stage.Job, stage.Output, partitions, worker));

    /// <summary>The task has succeeded.</summary>
    public void Clear(int partition)
    {
        if (Of(partition) > 0)
        {
            _cleared.Add(partition);
        }
    }

    /// <summary>Tells of the tasks that have succeeded: those of one report go in one message.</summary>
    public void TellCleared()
    {
        if (_cleared.Count > 0)
        {
            book.Tell(new DeathNote(stage.Job, stage.Output, [.. _cleared], null));
            _cleared.Clear();
        }
    }
}
