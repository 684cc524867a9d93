using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>One task's functions of an aggregation, and how pairs go through them.</summary>
/// <param name="owner">Whose pairs they are.</param>
internal sealed class TaskCombining<K, V, C>(PlanNode<(K Key, V Value)> owner, TaskScope scope, Func<V, C>? create, Func<C, V, C> add)
{
    public Func<V, C>? Create => create;

    public IPipeline<(K Key, V Value)> Pipe(ChunkReader<(K Key, V Value)> pairs) =>
        Pipeline<(K Key, V Value)>.OfReader(pairs, owner, scope);

    public void Over(Combiner<K, V, C> combiner, ChunkReader<(K Key, V Value)> pairs) => Over(combiner, Pipe(pairs));

    public void Over(Combiner<K, V, C> combiner, IPipeline<(K Key, V Value)> pairs)
    {
        var sink = new CombineSink<K, V, C>(combiner, create, add);
        pairs.Drive(ref sink);
        sink.Complete();
    }

    /// <summary>All pairs, combined: reads the input at once, and combines what was logged as it is read.</summary>
    public ChunkReader<(K Key, C Value)> Combine(IPipeline<(K Key, V Value)> pairs)
    {
        var combiner = new Combiner<K, V, C>(0, scope.Memory, Over) { MayAddress = true };
        Over(combiner, pairs);
        return new ConcatReader<(K Key, C Value)>([combiner.Direct.Drain(), new TablesReader<K, C>(combiner.Drain(), combiner.Release)]);
    }
}

/// <summary>The entries of tables, one table after the other; each is read before the next is made.</summary>
/// <param name="release">Called once nobody reads any more.</param>
internal sealed class TablesReader<K, C>(IEnumerable<CombineTable<K, C>> tables, Action release) : ChunkReader<(K Key, C Value)>
{
    private readonly IEnumerator<CombineTable<K, C>> _tables = tables.GetEnumerator();
    private CombineTable<K, C>? _table;
    private int _at;

    public override bool Next(int limit, out ReadOnlySpan<(K Key, C Value)> run)
    {
        while (_table is null || _at == _table.Count)
        {
            if (!_tables.MoveNext())
            {
                _table = null;
                run = default;
                return false;
            }

            _table = _tables.Current;
            _at = 0;
        }

        run = _table.Entries.Slice(_at, Math.Min(limit, _table.Count - _at));
        _at += run.Length;
        return true;
    }

    public override void Dispose()
    {
        _tables.Dispose();
        _table = null;
        release();
    }
}
