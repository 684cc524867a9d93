using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Storage;

/// <summary>
/// The blocks that one silo holds. Grains are thin: this is where the data is. Results stay for ten minutes, for clients that come back.
/// What happens past the budget is in the other half of this class.
/// </summary>
internal sealed partial class BlockStore
{
    private readonly TimeProvider _time;
    private readonly MemoryPool _pool;
    private readonly SpillFolder _spill;
    private readonly CodeSpace _code;
    private readonly ConcurrentDictionary<LineageId, RecipeBlocks> _recipes = new();
    private readonly EvictionOrder _order = new();

    /// <summary>The same of those who have a part of the memory: what is over it goes out of their own.</summary>
    private readonly ConcurrentDictionary<MemoryBudget, EvictionOrder> _orders = new();

    public BlockStore(MemoryPool pool, SpillFolder spill, CodeSpace code, TimeProvider time)
    {
        _pool = pool;
        _spill = spill;
        _code = code;
        _time = time;
        _swept = time.GetTimestamp();
        pool.PushOut = PushOut;
        spill.MakeRoom = MakeDiskRoom;
        spill.Written = pool.NoteSpilled;
    }

    /// <summary>Memory held by all blocks, in bytes.</summary>
    public long Bytes => _pool.Blocks;

    /// <summary>Whether some context holds a recipe's blocks. Set by whoever knows the leases.</summary>
    public Func<LineageId, bool> IsHeld { get; set; } = static _ => false;

    /// <summary>
    /// Told of blocks that went to disk (true) or were dropped because memory was short: one partition's, or (null) all of a recipe's.
    /// </summary>
    public Action<LineageId, int?, long, bool>? Moved { get; set; }

    /// <param name="quota">Of whose it is.</param>
    /// <exception cref="SpillException">There is no room for it, in memory or on disk.</exception>
    public void Put(BlockId id, Block block, BlockKeeping keeping, OwnerQuota? quota = null)
    {
        Block? replaced;
        RecipeBlocks recipe;
        do
        {
            recipe = Recipe(id.Lineage, keeping, quota);
        }
        while (!recipe.TryPut((id.Partition, id.Attempt), block, keeping, out replaced));

        recipe.LastUse = _time.GetTimestamp();
        _order.Add(recipe);
        if (recipe.Quota?.Memory is { } own)
        {
            OrderOf(own).Add(recipe);
        }

        _pool.HoldBlocks(block.Bytes, recipe.Quota);
        Drop(recipe, replaced);
        Sweep();
        _pool.MakeRoom(recipe.Quota);
    }

    public bool TryGet(BlockId id, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        if (!_recipes.TryGetValue(id.Lineage, out var recipe) || !recipe.TryGet((id.Partition, id.Attempt), out block))
        {
            return false;
        }

        recipe.LastUse = _time.GetTimestamp();
        return true;
    }

    /// <summary>Somebody still reads a recipe's blocks, however slowly: they are as if used now.</summary>
    public void Touch(LineageId lineage)
    {
        if (_recipes.TryGetValue(lineage, out var recipe))
        {
            recipe.LastUse = _time.GetTimestamp();
        }
    }

    /// <summary>
    /// One look for all of a reader's blocks: fills in the places of those that the map has at its worker <paramref name="worker"/>.
    /// </summary>
    public void Find(BlockMap map, int worker, Span<BlockPlace?> found)
    {
        if (_recipes.TryGetValue(map.Lineage, out var recipe))
        {
            recipe.LastUse = _time.GetTimestamp();
            recipe.Find(map, worker, found);
        }
    }

    /// <summary>Whether any of a recipe's blocks are here, or a task is at work on it.</summary>
    public bool Has(LineageId lineage) => _recipes.ContainsKey(lineage);

    /// <summary>What this silo holds of one recipe: how an RddGrain that activates anew learns what is computed.</summary>
    public IReadOnlyList<HeldPart> Of(LineageId lineage) => _recipes.TryGetValue(lineage, out var recipe) ? recipe.All() : [];

    /// <summary>
    /// The blocks of some neighbouring partitions of a recipe, in the order of the partitions, and which partition behind them has the next
    /// one; null when none has.
    /// </summary>
    public (IReadOnlyList<HeldPart> Held, int? Next) Of(LineageId lineage, int from, int count) =>
        _recipes.TryGetValue(lineage, out var recipe) ? recipe.Within(from, count) : ([], null);

    /// <summary>Results that wait for their client.</summary>
    public IReadOnlyList<BlockId> Results() => _recipes.Where(static r => r.Value.Keeping == BlockKeeping.Result)
        .SelectMany(static r => r.Value.All().Select(held => new BlockId(r.Key, held.Part.Partition, held.Part.Attempt))).ToArray();

    public bool Remove(BlockId id)
    {
        if (!_recipes.TryGetValue(id.Lineage, out var recipe) || recipe.Remove((id.Partition, id.Attempt)) is not { } block)
        {
            return false;
        }

        Drop(recipe, block);
        return true;
    }

    /// <summary>Drops everything of one recipe.</summary>
    public void RemoveAll(LineageId lineage)
    {
        if (_recipes.TryRemove(lineage, out var recipe))
        {
            Drop(recipe, recipe.Close());
        }
    }

    /// <summary>Keeps recipes' blocks while a task is at work on them, until what is returned is disposed.</summary>
    public BlockPins Pin(params ReadOnlySpan<LineageId> lineages) => Pin(null, lineages);

    /// <param name="quota">Of whose they are.</param>
    public BlockPins Pin(OwnerQuota? quota, ReadOnlySpan<LineageId> lineages)
    {
        var recipes = new RecipeBlocks[lineages.Length];
        for (var i = 0; i < recipes.Length; i++)
        {
            do
            {
                recipes[i] = Recipe(lineages[i], BlockKeeping.MayGoToDisk, quota);
            }
            while (!recipes[i].TryPin());
        }

        return new BlockPins(this, recipes);
    }

    /// <summary>Ends a pin. A recipe of which nothing is here is forgotten, else each failed task would leave one behind.</summary>
    internal void Unpin(RecipeBlocks recipe)
    {
        recipe.Unpin(out var isEmpty);
        if (isEmpty)
        {
            _recipes.TryRemove(new KeyValuePair<LineageId, RecipeBlocks>(recipe.Lineage, recipe));
        }
    }

    /// <summary>
    /// A new recipe gets the time of its entry as its last use. Otherwise a sweep on another thread would take it for unused since the
    /// machine started.
    /// </summary>
    private RecipeBlocks Recipe(LineageId lineage, BlockKeeping keeping, OwnerQuota? quota) =>
        _recipes.GetOrAdd(
            lineage, static (l, made) => new RecipeBlocks(l, made.keeping, made.quota) { LastUse = made.now },
            (keeping, quota, now: _time.GetTimestamp()));

    private EvictionOrder OrderOf(MemoryBudget budget) =>
        budget == _pool.Budget ? _order : _orders.GetOrAdd(budget, static _ => new EvictionOrder());

    private void Drop(RecipeBlocks recipe, params ReadOnlySpan<Block?> blocks)
    {
        foreach (var block in blocks)
        {
            if (block is not null)
            {
                _pool.HoldBlocks(-block.Bytes, recipe.Quota);
                block.Dispose();
            }
        }
    }
}

/// <summary>Recipes whose blocks a task is at work on.</summary>
internal sealed class BlockPins(BlockStore store, RecipeBlocks[] recipes) : IDisposable
{
    public void Dispose() => Array.ForEach(recipes, store.Unpin);
}
