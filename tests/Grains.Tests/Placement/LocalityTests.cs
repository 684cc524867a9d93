using MicroSpark.Grains.Placement;
using MicroSpark.Plans;

namespace MicroSpark.Tests.Placement;

public sealed class LocalityTests
{
    [Fact]
    public void A_chain_leads_to_the_kept_partition_of_the_same_index()
    {
        var skeleton = Skeleton(Node(0, 4, OutputKind.Persisted), Node(1, 4, OutputKind.Fused, (0, PartitionMap.OneToOne.Instance)),
            Node(2, 4, OutputKind.Result, (1, PartitionMap.OneToOne.Instance)));
        var locality = Locality.Of(skeleton, 2, [1, 3]);
        Assert.Equal(0, locality!.Input);
        Assert.Equal([1, 3], locality.ParentOf);
    }

    [Fact]
    public void A_union_leads_to_the_side_that_more_partitions_read()
    {
        var skeleton = Skeleton(Node(0, 1, OutputKind.Persisted), Node(1, 3, OutputKind.Persisted),
            Node(2, 4, OutputKind.Result, (0, new PartitionMap.Slice(0, 1)), (1, new PartitionMap.Slice(1, 3))));
        var locality = Locality.Of(skeleton, 2, [0, 1, 2, 3]);
        Assert.Equal(1, locality!.Input);
        Assert.Equal([-1, 0, 1, 2], locality.ParentOf);
    }

    [Fact]
    public void Behind_a_shuffle_nothing_is_near()
    {
        var skeleton = Skeleton(Node(0, 4, OutputKind.Shuffle), Node(1, 4, OutputKind.Result, (0, PartitionMap.All.Instance)));
        Assert.Null(Locality.Of(skeleton, 1, [0, 1]));
    }

    [Fact]
    public void A_plan_10000_steps_deep_is_walked()
    {
        var nodes = new SkeletonNode[10_001];
        nodes[0] = Node(0, 2, OutputKind.Persisted);
        for (var i = 1; i < nodes.Length; i++)
        {
            nodes[i] = Node(i, 2, OutputKind.Fused, (i - 1, PartitionMap.OneToOne.Instance));
        }

        Assert.Equal(0, Locality.Of(Skeleton(nodes), 10_000, [0, 1])!.Input);
    }

    private static PlanSkeleton Skeleton(params SkeletonNode[] nodes) => new(nodes);

    private static SkeletonNode Node(int id, int partitions, OutputKind output, params (int Parent, PartitionMap Map)[] parents) => new(
        new LineageId(0, (UInt128)id), "Test", null, partitions, output, 0, false, 0, [.. parents.Select(p => new SkeletonEdge(p.Parent, p.Map))]);
}
