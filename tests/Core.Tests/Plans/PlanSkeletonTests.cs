using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Plans;

public sealed class PlanSkeletonTests
{
    [Fact]
    public void All_of_a_chain_of_unions_reads_all_of_what_is_kept_below_it_and_some_of_it_some()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        Rdd<(long, int)> Shuffled(int partitions) =>
            Source.Range(runner, 0, partitions, 1, 2).Map(static n => (n, 1)).GroupByKey(partitions).Map(static pair => (pair.Key, 1));
        var chain = Shuffled(2).Union(Shuffled(3)).Union(Shuffled(1)).Map(static pair => pair);
        var skeleton = EncodedPlan.ReadSkeleton(PlanEncoder.Encode(chain.Node).Bytes);
        Assert.Equal(6, skeleton.Nodes[skeleton.Root].NumPartitions);
        Assert.Equal([null, null, null], skeleton.InputsOf(skeleton.Root, null).Select(static input => input.Partitions));

        // A shuffle's reader reads of all of the map side's partitions.
        Assert.Equal(2, skeleton.InputsOf(skeleton.Root, [1, 4]).Count);
        Assert.Single(skeleton.InputsOf(skeleton.Root, [5]));
        Assert.Empty(skeleton.InputsOf(skeleton.Root, []));
    }

    [Fact]
    public void Of_a_union_of_persisted_data_some_partitions_are_those_of_their_parents()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var first = Source.Range(runner, 0, 10, 1, 4).Cache();
        var second = Source.Range(runner, 0, 20, 1, 3).Cache();
        var union = first.Union(second).Union(Source.Empty<long>(runner)).Map(static n => n + 1);
        var skeleton = EncodedPlan.ReadSkeleton(PlanEncoder.Encode(union.Node).Bytes);
        var inputs = skeleton.InputsOf(skeleton.Root, [1, 3, 4, 6]);
        Assert.Equal([[0, 2], [1, 3]], inputs.Select(static input => input.Partitions!).OrderBy(static partitions => partitions[0]));
        Assert.All(skeleton.InputsOf(skeleton.Root, null), static input => Assert.Null(input.Partitions));
    }
}
