using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources;

/// <summary>A source over splits of files. They are listed once, at the first use of the partition count or the lineage id.</summary>
internal abstract class SplitsNode<TOptions, TOut> : PlanNode<TOut>
    where TOptions : class
{
    private readonly Func<TextSplit[]>? _plan;
    private PackedSplits? _splits;

    protected SplitsNode(TOptions options, Func<TextSplit[]> plan)
    {
        (Options, _plan) = (options, plan);
        DependsOnListing = true;
    }

    protected SplitsNode(PlanReader reader) => (Options, _splits) = (reader.Value<TOptions>(), PackedSplits.Read(reader));

    protected TOptions Options { get; }

    public sealed override ChunkReader<TOut> Open(int partition, TaskScope scope) => new SourceReader<TOut>(this, scope, () =>
    {
        var splits = _splits![partition];
        return splits.Length == 1
            ? OpenSplit(splits.Span[0], scope)
            : new ConcatReader<TOut>(splits.ToArray().Select(split => OpenSplit(split, scope)));
    });

    protected abstract ChunkReader<TOut> OpenSplit(TextSplit split, TaskScope scope);

    public sealed override void WriteArguments(PlanWriter writer)
    {
        writer.Value(Options);
        _splits!.Write(writer);
    }

    protected sealed override int CountPartitions() => (_splits ??= PackedSplits.Of(_plan!(), minPartitions: 1)).Partitions;
}
