using MicroSpark.Files;
using MicroSpark.Plans;

namespace MicroSpark.Formats;

/// <summary>A source over splits of files. They are listed once, at the first use of the partition count or the lineage id.</summary>
internal abstract class SplitsNode<TOptions, TOut> : PlanNode<TOut>
    where TOptions : class
{
    private readonly Func<TextSplit[]>? _plan;
    private TextSplit[]? _splits;

    protected SplitsNode(TOptions options, Func<TextSplit[]> plan)
    {
        (Options, _plan) = (options, plan);
        DependsOnListing = true;
    }

    protected SplitsNode(PlanReader reader)
    {
        Options = reader.Value<TOptions>();
        _splits = new TextSplit[reader.Int32()];
        for (var i = 0; i < _splits.Length; i++)
        {
            _splits[i] = new TextSplit(reader.Text()!, reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
        }
    }

    protected TOptions Options { get; }

    protected TextSplit this[int partition] => _splits![partition];

    public sealed override void WriteArguments(PlanWriter writer)
    {
        writer.Value(Options);
        writer.Int32(_splits!.Length);
        foreach (var split in _splits)
        {
            writer.Text(split.Path);
            writer.Int64(split.Start);
            writer.Int64(split.Length);
            writer.Int64(split.FileLength);
            writer.Int64(split.ModifiedTicks);
        }
    }

    protected sealed override int CountPartitions() => (_splits ??= _plan!()).Length;
}
