using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Formats;

/// <summary>A source over splits of files. They are listed once, at the first use of the partition count or the lineage id.</summary>
internal abstract class SplitsNode<TOptions, TOut> : PlanNode<TOut>
    where TOptions : class
{
    private readonly Func<TextSplit[]>? _plan;
    private TextSplit[]? _splits;
    private int[] _ends = []; // where each partition ends in the splits: small files may share one

    protected SplitsNode(TOptions options, Func<TextSplit[]> plan)
    {
        (Options, _plan) = (options, plan);
        DependsOnListing = true;
    }

    protected SplitsNode(PlanReader reader)
    {
        Options = reader.Value<TOptions>();
        _ends = new int[reader.Int32()];
        for (var i = 0; i < _ends.Length; i++)
        {
            _ends[i] = reader.Int32();
        }

        _splits = new TextSplit[reader.Int32()];
        for (var i = 0; i < _splits.Length; i++)
        {
            _splits[i] = new TextSplit(reader.Text()!, reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
        }
    }

    protected TOptions Options { get; }

    public sealed override ChunkReader<TOut> Open(int partition, TaskScope scope) => new SourceReader<TOut>(this, scope, () =>
    {
        var (first, end) = (partition == 0 ? 0 : _ends[partition - 1], _ends[partition]);
        return end == first + 1
            ? OpenSplit(_splits![first], scope)
            : new ConcatReader<TOut>(_splits![first..end].Select(split => OpenSplit(split, scope)));
    });

    protected abstract ChunkReader<TOut> OpenSplit(TextSplit split, TaskScope scope);

    public sealed override void WriteArguments(PlanWriter writer)
    {
        writer.Value(Options);
        writer.Int32(_ends.Length);
        foreach (var end in _ends)
        {
            writer.Int32(end);
        }

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

    protected sealed override int CountPartitions()
    {
        if (_splits is null)
        {
            _splits = _plan!();
            _ends = TextSplits.Pack(_splits, minPartitions: 1);
        }

        return _ends.Length;
    }
}
