using MicroSpark.Engine;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MicroSpark.Storage;

/// <summary>The blocks that one silo holds. Grains are thin: this is where the data is.</summary>
internal sealed class BlockStore
{
    private readonly ConcurrentDictionary<LineageId, ConcurrentDictionary<(int Partition, AttemptId Attempt), Block>> _byLineage = new();

    /// <summary>Memory held by all blocks, in bytes.</summary>
    public long Bytes => _byLineage.Values.Sum(blocks => blocks.Values.Sum(b => b.Bytes));

    public void Put(BlockId id, Block block) => _byLineage.GetOrAdd(id.Lineage, static _ => new())[(id.Partition, id.Attempt)] = block;

    public bool TryGet(BlockId id, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        return _byLineage.TryGetValue(id.Lineage, out var blocks) && blocks.TryGetValue((id.Partition, id.Attempt), out block);
    }

    /// <summary>What this silo holds of one recipe: how an RddGrain that activates anew learns what is computed.</summary>
    public IReadOnlyList<(BlockPart Part, Block Block)> Of(LineageId lineage) =>
        _byLineage.TryGetValue(lineage, out var blocks)
            ? blocks.Select(b => (new BlockPart(b.Key.Partition, b.Key.Attempt), b.Value)).ToList()
            : [];

    public bool Remove(BlockId id) => _byLineage.TryGetValue(id.Lineage, out var blocks) && blocks.TryRemove((id.Partition, id.Attempt), out _);

    /// <summary>Drops everything of one recipe.</summary>
    public void RemoveAll(LineageId lineage) => _byLineage.TryRemove(lineage, out _);
}
