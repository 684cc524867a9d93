using MicroSpark.Closures;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Storage;

namespace MicroSpark.Shuffle;

/// <summary>The functions of an aggregation by key. Without <see cref="Create"/> a key's first value starts it (V is C).</summary>
internal sealed record Aggregation<K, V, C>(
    string Operator, Closure<Func<V, C>>? Create, Closure<Func<C, V, C>> Add, Closure<Func<C, C, C>> Merge)
{
    public bool HasStableIdentity => (Create?.HasStableIdentity ?? true) && Add.HasStableIdentity && Merge.HasStableIdentity;

    public void Write(PlanWriter writer)
    {
        writer.Text(Operator);
        writer.Boolean(Create is not null);
        if (Create is not null)
        {
            writer.Closure(Create);
        }

        writer.Closure(Add);
        writer.Closure(Merge);
    }

    public static Aggregation<K, V, C> Read(PlanReader reader) => new(
        reader.Text()!, reader.Boolean() ? reader.Closure<Func<V, C>>() : null, reader.Closure<Func<C, V, C>>(), reader.Closure<Func<C, C, C>>());

    /// <summary>One task's own copies of the functions that take a value.</summary>
    public TaskCombining<K, V, C> OfTask(PlanNode<(K Key, V Value)> owner, TaskScope scope) =>
        new(owner, scope, Create?.CreateInstance(), Add.CreateInstance());
}

/// <summary>The map side of an aggregation: combines by key first, so that a key leaves a map task once, or seldom, where that pays.</summary>
internal sealed class CombineWriteNode<K, V, C>(
    PlanNode<(K Key, V Value)> parent, Aggregation<K, V, C> aggregation, Partitioner<K> partitioner)
    : PlanNode<(K Key, C Value)>(parent), IStageRoot
{
    private readonly PlanNode<(K Key, V Value)> _parent = parent;

    private CombineWriteNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), Aggregation<K, V, C>.Read(reader), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => aggregation.Operator;

    public override OutputKind Output => OutputKind.Shuffle;

    protected override bool HasStableIdentity => aggregation.HasStableIdentity;

    public override void WriteArguments(PlanWriter writer)
    {
        aggregation.Write(writer);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope) =>
        throw new InvalidOperationException("A shuffle's map side is read bucket by bucket.");

    public Block Run(int partition, TaskScope scope) =>
        new CombineWriter<K, V, C>(aggregation.OfTask(_parent, scope), partitioner, scope).Run(scope.Pipe(_parent, partition));
}

/// <summary>The reduce side of an aggregation: merges what the map tasks combined, in the order of the map partitions.</summary>
internal sealed class CombineReadNode<K, C>(
    PlanNode<(K Key, C Value)> write, string operatorName, Closure<Func<C, C, C>> merge, Partitioner<K> partitioner) : PlanNode<(K Key, C Value)>(write)
{
    private readonly PlanNode<(K Key, C Value)> _write = write;

    private CombineReadNode(PlanReader reader)
        : this(reader.Parent<(K, C)>(), reader.Text()!, reader.Closure<Func<C, C, C>>(), PartitionerCodec.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object Partitioner => partitioner;

    public override PartitionMap MapOf(int parent) => PartitionMap.All.Instance;

    protected override bool HasStableIdentity => merge.HasStableIdentity;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Closure(merge);
        PartitionerCodec.Write(writer, partitioner);
    }

    public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope)
    {
        var combining = new TaskCombining<K, C, C>(this, scope, null, merge.CreateInstance());
        return combining.Combine(Pipeline<(K Key, C Value)>.OfReader(scope.ReadShuffle<(K Key, C Value)>(_write, partition), this, scope));
    }

    protected override int CountPartitions() => partitioner.NumPartitions;
}

/// <summary>An aggregation of pairs that are placed by the target partitioner already: no shuffle.</summary>
internal sealed class LocalCombineNode<K, V, C>(PlanNode<(K Key, V Value)> parent, Aggregation<K, V, C> aggregation) : PlanNode<(K Key, C Value)>(parent)
{
    private readonly PlanNode<(K Key, V Value)> _parent = parent;

    private LocalCombineNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), Aggregation<K, V, C>.Read(reader))
    {
    }

    public override string Operator => aggregation.Operator;

    public override object? Partitioner => _parent.Partitioner;

    protected override bool HasStableIdentity => aggregation.HasStableIdentity;

    public override void WriteArguments(PlanWriter writer) => aggregation.Write(writer);

    public override ChunkReader<(K Key, C Value)> Open(int partition, TaskScope scope) =>
        aggregation.OfTask(_parent, scope).Combine(scope.Pipe(_parent, partition));
}
