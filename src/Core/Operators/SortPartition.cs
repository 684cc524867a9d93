using MicroSpark.Ordering;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators;

/// <summary>
/// A partition's elements in the order of their keys. Stable, so that what comes out does not depend on how runs were cut.
/// </summary>
internal sealed class SortPartitionNode<T, K, TKey>(PlanNode<T> parent, string operatorName, bool ascending, IComparer<K>? comparer)
    : PlanNode<T>(parent)
    where TKey : struct, IKeyOf<T, K>
{
    private readonly PlanNode<T> _parent = parent;

    private SortPartitionNode(PlanReader reader)
        : this(reader.Parent<T>(), reader.Text(), reader.Boolean(), ComparerArgument.Read<K>(reader))
    {
    }

    public override string Operator => operatorName;

    public override object? Partitioner => _parent.Partitioner;

    public override void WriteArguments(PlanWriter writer)
    {
        writer.Text(operatorName);
        writer.Boolean(ascending);
        ComparerArgument.Write(writer, comparer);
    }

    public override ChunkReader<T> Open(int partition, TaskScope scope)
    {
        var sink = new SortSink<T, K, TKey>
        { Buffer = new SortBuffer<T, K, TKey>(new Sorter<T, K, TKey>(comparer, ascending), scope.Memory) };
        scope.Pipe(_parent, partition).DriveRuns(ref sink);
        return sink.Buffer.Finish();
    }
}

internal struct SortSink<T, K, TKey> : IRunSink<T>, ITakesAll
    where TKey : struct, IKeyOf<T, K>
{
    public SortBuffer<T, K, TKey> Buffer;

    public readonly bool Add(T item)
    {
        Buffer.Add(item);
        return true;
    }

    public readonly void AddRun(ReadOnlySpan<T> run) => Buffer.Add(run);

    public readonly void AddLasting(ReadOnlyMemory<T> run) => Buffer.AddLasting(run);
}

/// <summary>An optional comparer inside a plan: null stands for the natural order.</summary>
internal static class ComparerArgument
{
    public static void Write<K>(PlanWriter writer, IComparer<K>? comparer)
    {
        writer.Boolean(comparer is not null);
        if (comparer is not null)
        {
            writer.Value(comparer);
        }
    }

    public static IComparer<K>? Read<K>(PlanReader reader) => reader.Boolean() ? reader.Value<IComparer<K>>() : null;
}
