using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// What this silo knows of workers that died while they had a task, by job, stage and partition. The owner of a stage that sees a death
/// tells all silos (<see cref="WorkerDeaths"/>). An owner may die with a worker, or another one may stand beside it for a moment while the
/// cluster learns of a death: a count of its own would begin at nothing each time, and a task that ends its process would end them all.
/// The oldest stages are forgotten. Thread safe.
/// </summary>
internal sealed class DeathBook
{
    /// <summary>Stages with a task under suspicion are few.</summary>
    internal const int MostStages = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(JobId Job, LineageId Stage), Dictionary<int, List<WorkerId>>> _stages = [];
    private readonly Queue<(JobId Job, LineageId Stage)> _order = new();

    /// <summary>Takes down what an owner saw. Each worker counts once for a partition.</summary>
    /// <returns>Whether anything was new.</returns>
    public bool Note(DeathNote note)
    {
        lock (_gate)
        {
            return note.Died is { } died ? Add(note, died) : Clear(note);
        }
    }

    /// <summary>The workers that died while they had the task, in the order in which they did.</summary>
    public WorkerId[] Of(JobId job, LineageId stage, int partition)
    {
        lock (_gate)
        {
            return _stages.GetValueOrDefault((job, stage))?.GetValueOrDefault(partition)?.ToArray() ?? [];
        }
    }

    /// <summary>Whether a task of the stage is under suspicion.</summary>
    public bool Has(JobId job, LineageId stage)
    {
        lock (_gate)
        {
            return _stages.ContainsKey((job, stage));
        }
    }

    private bool Add(DeathNote note, WorkerId died)
    {
        var key = (note.Job, note.Stage);
        if (!_stages.TryGetValue(key, out var partitions))
        {
            _stages.Add(key, partitions = []);
            _order.Enqueue(key);
            while (_order.Count > MostStages)
            {
                _stages.Remove(_order.Dequeue());
            }
        }

        var added = false;
        foreach (var partition in note.Partitions)
        {
            if (!partitions.TryGetValue(partition, out var known))
            {
                partitions.Add(partition, known = []);
            }

            if (!known.Contains(died))
            {
                known.Add(died);
                added = true;
            }
        }

        return added;
    }

    private bool Clear(DeathNote note) => _stages.TryGetValue((note.Job, note.Stage), out var partitions)
        && note.Partitions.Count(partitions.Remove) > 0;
}
