using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Stages;

public sealed class StageInputsTests
{
    private static readonly LineageId s_kept = new(1, 2);
    private static readonly LineageId s_counted = new(3, 4);

    /// <summary>Found by a seed: the grain's silo died after it had said that all is there. The tasks will say what they do not find.</summary>
    [Fact]
    public async Task An_input_whose_grain_was_lost_after_it_was_ensured_does_not_fail_the_stage()
    {
        var skeleton = new PlanSkeleton(
        [
            new SkeletonNode(s_kept, "Range", null, 2, OutputKind.Persisted, 1, false, 0, []),
            new SkeletonNode(
                s_counted, "Count", null, 2, OutputKind.Result, 0, false, 0, [new SkeletonEdge(0, PartitionMap.OneToOne.Instance)]),
        ]);
        var stage = new StageSpec(
            JobId.New(), ContextId.New(), new PlanRef(BlobName.Of([1]), null, []), 1, s_counted, 0, OutputKind.Result, "Count", 0, 2, false,
            new TaskPolicy(4, false, 0));
        var time = new ManualTime();
        var inputs = new StageInputs(stage, skeleton, null!, new Lost(), new FakeWorkers(time, "a", "b"), time, static _ => { }, []);

        var placed = await inputs.PlaceAsync([0, 1], [new InputVersion(s_kept, 5)]);

        Assert.Equal([new PlacedPartition(0, null), new PlacedPartition(1, null)], placed);
    }

    private sealed class Lost : ILocationSource
    {
        public Task<BlockMap> LocateAsync(LineageId lineage, long minVersion, CancellationToken cancellationToken) =>
            throw new InputLostException(lineage, [], null);

        public void Forget(LineageId lineage) => throw new NotSupportedException();
    }
}
