namespace MicroSpark;

public partial class Rdd<T>
{
    /// <summary>Keeps computed partitions in memory: <c>Persist(StorageLevel.MemoryOnly)</c>.</summary>
    /// <returns>This RDD.</returns>
    public Rdd<T> Cache() => Persist(StorageLevel.MemoryOnly);

    /// <summary>
    /// Keeps each partition, once it is first computed, on the worker that computed it. Other jobs, also of other clients with the same
    /// recipe, read it from there. Runs nothing now. After <see cref="LocalCheckpoint"/> the level is raised to one that uses disk, and may
    /// replace the one that is set.
    /// </summary>
    /// <returns>This RDD.</returns>
    /// <exception cref="InvalidOperationException">Another level is set already: unpersist first.</exception>
    public Rdd<T> Persist(StorageLevel level)
    {
        ArgumentNullException.ThrowIfNull(level);
        Runner.EnsureUsable();
        if (_node.Marks.Checkpoint is { Local: true, Substitute: null } && level.UseMemory | level.UseDisk)
        {
            _node.Marks.StorageLevel = level.DiskSibling;
            return this;
        }

        var now = StorageLevel;
        if (now != StorageLevel.None && now != level)
        {
            throw new InvalidOperationException($"'{Name}' is persisted as {now}; it cannot become {level} before UnpersistAsync.");
        }

        _node.Marks.StorageLevel = level;
        return this;
    }

    /// <summary>
    /// Drops this program's hold on the kept partitions; they go when nobody else holds them. No error when nothing is kept.
    /// </summary>
    /// <returns>This RDD.</returns>
    public async Task<Rdd<T>> UnpersistAsync(CancellationToken cancellationToken = default)
    {
        Runner.EnsureUsable();
        if (StorageLevel != StorageLevel.None)
        {
            await Runner.UnpersistAsync(Lineage, cancellationToken).ConfigureAwait(false);
            _node.Marks.StorageLevel = StorageLevel.None;
        }

        return this;
    }
}
