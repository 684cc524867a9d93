using MicroSpark.Codecs;
using MicroSpark.Operators;
using MicroSpark.Ordering;
using MicroSpark.Plans;

namespace MicroSpark.Actions;

/// <summary>A sample of a partition's keys, each with the number of pairs that it stands for.</summary>
internal sealed class RangeSampleNode<K, V>(PlanNode<(K Key, V Value)> parent, int size)
    : ActionNode<(K Key, V Value), (K Key, float Weight)[]>(parent)
{
    private RangeSampleNode(PlanReader reader)
        : this(reader.Parent<(K, V)>(), reader.Int32())
    {
    }

    public override string Operator => "Sample";

    protected override bool Shareable => ValueCodec.IsShareable(typeof(K));

    public override void WriteArguments(PlanWriter writer) => writer.Int32(size);

    protected override (K Key, float Weight)[] Compute(IPipeline<(K Key, V Value)> input, int partition, TaskScope scope)
    {
        var sink = new SampleSink<(K Key, V Value), K, FirstOfPair<K, V>>(size, partition);
        input.Drive(ref sink);
        return sink.Weighted();
    }
}
