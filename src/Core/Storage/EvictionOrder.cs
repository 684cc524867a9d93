using System.Diagnostics.CodeAnalysis;

namespace MicroSpark.Storage;

/// <summary>
/// The recipes that have blocks in memory, the least recently used first. Using one costs nothing here: its place is looked at when it
/// comes to the front, and if it was used since then it goes back behind. So a use and a block put out each cost the logarithm of how many
/// there are.
/// </summary>
internal sealed class EvictionOrder
{
    private const int Few = 256;

    private readonly Lock _gate = new();

    // Of what was used at the same moment the first to come here goes first.
    private readonly PriorityQueue<RecipeBlocks, (long LastUse, long Order)> _queue = new();
    private readonly HashSet<RecipeBlocks> _queued = new(ReferenceEqualityComparer.Instance);
    private long _order;
    private int _enough = Few;

    /// <summary>Has blocks in memory now. Nothing changes when it is known.</summary>
    public void Add(RecipeBlocks recipe) => Add(recipe, recipe.LastUse);

    /// <summary>Nothing of it can leave memory now: it is looked at again after all others.</summary>
    public void AddLast(RecipeBlocks recipe, long now) => Add(recipe, now);

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Takes the least recently used.</summary>
    public bool TryTake([NotNullWhen(true)] out RecipeBlocks? recipe)
    {
        lock (_gate)
        {
            while (_queue.TryDequeue(out recipe, out var place))
            {
                if (recipe.Bytes == 0)
                {
                    // Removed, or all on disk.
                    _queued.Remove(recipe);
                }
                else if (recipe.LastUse > place.LastUse)
                {
                    _queue.Enqueue(recipe, (recipe.LastUse, _order++));
                }
                else
                {
                    _queued.Remove(recipe);
                    return true;
                }
            }

            return false;
        }
    }

    private void Add(RecipeBlocks recipe, long place)
    {
        lock (_gate)
        {
            if (_queued.Add(recipe))
            {
                _queue.Enqueue(recipe, (place, _order++));
                if (_queue.Count > _enough)
                {
                    Prune();
                }
            }
        }
    }

    /// <summary>
    /// While nothing is put out, those stay here that were removed. They go when there are twice as many as had blocks the last time.
    /// </summary>
    private void Prune()
    {
        var left = _queue.UnorderedItems.Where(static item => item.Element.Bytes > 0).ToArray();
        _queue.Clear();
        _queue.EnqueueRange(left);
        _queued.IntersectWith(left.Select(static item => item.Element));
        _enough = Math.Max(Few, 2 * left.Length);
    }
}
