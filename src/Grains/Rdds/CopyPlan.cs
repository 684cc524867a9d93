namespace MicroSpark.Grains.Rdds;

/// <summary>
/// The partitions that get a second copy next, and those that do not because a copy was tried already with the present workers.
/// </summary>
internal sealed class CopyPlan(BlockTable table)
{
    private readonly SortedSet<int> _next = [];
    private readonly HashSet<int> _refused = [];

    public bool IsEmpty => _next.Count == 0;

    /// <summary>
    /// For a partition just computed. Requests that wait for it wait for its copy too, so that an action's partitions are safe when the
    /// action ends.
    /// </summary>
    public void AddAwaited(int partition)
    {
        table.Copy(partition);
        _next.Add(partition);
    }

    /// <summary>All that is there once and was not refused; nobody waits for that.</summary>
    public void AddSingles() =>
        _next.UnionWith(Enumerable.Range(0, table.Count).Where(p => !_refused.Contains(p) && table.OnlyCopy(p) is not null));

    /// <summary>The partitions to copy now.</summary>
    public int[] Take()
    {
        var partitions = _next.ToArray();
        _next.Clear();
        return partitions;
    }

    /// <summary>Those have been tried: nobody waits for them any more.</summary>
    public void Tried(int[] partitions)
    {
        _refused.UnionWith(partitions.Where(p => table.OnlyCopy(p) is not null));
        Array.ForEach(partitions, table.Settle);
    }

    /// <summary>However it ended: nobody may wait for a copy that nobody makes.</summary>
    public void GiveUp()
    {
        _next.Clear();
        for (var partition = 0; table.Copying > 0 && partition < table.Count; partition++)
        {
            table.Settle(partition);
        }
    }

    /// <summary>Other workers are there: what was refused may be tried again.</summary>
    public void WorkersChanged() => _refused.Clear();
}
