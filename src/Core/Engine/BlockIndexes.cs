using System.Runtime.CompilerServices;
using MicroSpark.Model;
using MicroSpark.Storage;
using MicroSpark.Tasks;

namespace MicroSpark.Engine;

/// <summary>
/// A worker's indexes of the shuffles that it reads. All tasks of a stage ask for theirs at once: the first one makes it, and the others
/// wait, where each would look at all blocks, and lock their store, for the same answer.
/// </summary>
/// <param name="holderOf">A worker of this process; null for others.</param>
internal sealed class BlockIndexes(Func<WorkerId, WorkerStores?> holderOf)
{
    // As long as somebody holds the map, which is one for all readers of a version.
    private readonly ConditionalWeakTable<BlockMap, Entry> _entries = [];

    /// <inheritdoc cref="BlockIndex.Build" />
    public BlockIndex Of(BlockMap map) => _entries.GetValue(map, static _ => new Entry()).Of(map, holderOf);

    private sealed class Entry
    {
        private TaskCompletionSource<BlockIndex>? _index;

        public BlockIndex Of(BlockMap map, Func<WorkerId, WorkerStores?> holderOf)
        {
            if (Volatile.Read(ref _index) is { } known)
            {
                return known.Task.GetAwaiter().GetResult();
            }

            var mine = new TaskCompletionSource<BlockIndex>();
            if (Interlocked.CompareExchange(ref _index, mine, null) is { } others)
            {
                return others.Task.GetAwaiter().GetResult();
            }

            try
            {
                mine.SetResult(BlockIndex.Build(map, holderOf));
            }
            catch (Exception e)
            {
                // Those that wait hear of it. Who comes later looks again.
                Volatile.Write(ref _index, null);
                mine.SetException(e);
            }

            return mine.Task.GetAwaiter().GetResult();
        }
    }
}
