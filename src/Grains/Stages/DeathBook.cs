using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Contracts;
using MicroSpark.Model;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// What this silo knows of workers that died while they had a task, by job, stage and partition. The owner of a stage that sees a death
/// tells all silos, and each tells those that join. An owner may die with a worker, or another one may stand beside it for a moment while
/// the cluster learns of a death: a count of its own would begin at nothing each time, and a task that ends its process would end them all.
/// The oldest stages are forgotten. Thread safe.
/// </summary>
internal sealed class DeathBook(IWorkerPool pool, TimeProvider time) : IDisposable
{
    /// <summary>Stages with a task under suspicion are few.</summary>
    internal const int MostStages = 1000;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<(JobId Job, LineageId Stage), Dictionary<int, List<WorkerId>>> _stages = [];
    private volatile bool _empty = true;

    /// <summary>Null as long as there was nothing to tell.</summary>
    private IDisposable? _watch;
    private HashSet<WorkerId> _told = [];

    /// <summary>Takes down what an owner on this silo saw, and tells the other silos what is new of it.</summary>
    public void Tell(DeathNote note)
    {
        if (Note(note))
        {
            Tell([note], pool.Known);
        }
    }

    /// <summary>Takes down what an owner saw. Each worker counts once for a partition.</summary>
    /// <returns>Whether anything was new.</returns>
    public bool Note(DeathNote note)
    {
        // Whoever sees a new set first tells all listeners: not under a lock.
        var known = pool.Known;
        lock (_gate)
        {
            if (_watch is null)
            {
                _told = [.. known];
                _watch = pool.OnChanged(TellNewcomers);
            }

            var changed = note.Died is { } died ? Add(note, died) : Clear(note);
            _empty = _stages.Count == 0;
            return changed;
        }
    }

    /// <summary>The workers that died while they had the task, in the order in which they did.</summary>
    public WorkerId[] Of(JobId job, LineageId stage, int partition)
    {
        if (_empty)
        {
            return [];
        }

        lock (_gate)
        {
            return _stages.TryGetValue((job, stage), out var partitions) ? partitions.GetValueOrDefault(partition)?.ToArray() ?? [] : [];
        }
    }

    public void Dispose() => _watch?.Dispose();

    private bool Add(DeathNote note, WorkerId died)
    {
        var (key, added) = ((note.Job, note.Stage), false);
        foreach (var partition in note.Partitions)
        {
            if (!_stages.TryGetValue(key, out var partitions))
            {
                _stages.Add(key, partitions = []);
            }

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

        if (_stages.Count > MostStages)
        {
            _stages.RemoveAt(0);
        }

        return added;
    }

    private bool Clear(DeathNote note)
    {
        if (!_stages.TryGetValue((note.Job, note.Stage), out var partitions))
        {
            return false;
        }

        var cleared = note.Partitions.Count(partitions.Remove) > 0;
        if (partitions.Count == 0)
        {
            _stages.Remove((note.Job, note.Stage));
        }

        return cleared;
    }

    /// <summary>Who joins may be the next owner.</summary>
    private void TellNewcomers()
    {
        WorkerId[] fresh;
        DeathNote[] notes;
        var known = pool.Known;
        lock (_gate)
        {
            fresh = [.. known.Where(worker => !_told.Contains(worker))];
            _told = [.. known];
            notes = fresh.Length == 0 ? [] : [.. Notes()];
        }

        if (notes.Length > 0)
        {
            Tell(notes, fresh);
        }
    }

    private IEnumerable<DeathNote> Notes() =>
        from stage in _stages
        from death in stage.Value.SelectMany(static p => p.Value.Select(died => (Partition: p.Key, Died: died)))
        group death.Partition by (stage.Key, death.Died) into those
        select new DeathNote(those.Key.Key.Job, those.Key.Key.Stage, [.. those], those.Key.Died);

    /// <summary>
    /// Again and again until it is told, or gone: a silo that has just joined may not be in this one's manifest yet. An owner on a silo
    /// that was not reached counts from what it sees itself.
    /// </summary>
    private void Tell(DeathNote[] notes, IReadOnlyList<WorkerId> workers)
    {
        foreach (var worker in workers.Where(worker => worker != pool.Own))
        {
            foreach (var note in notes)
            {
                Background.Forget(() => GrainCalls.Patience.RunAsync(
                    () => pool.Get(worker).NoteDeathsAsync(note), e => CallErrors.IsTransient(e) && pool.IsLive(worker), time));
            }
        }
    }
}
