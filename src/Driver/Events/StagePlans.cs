using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.History;
using MicroSpark.Grains.Jobs;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>Reads a plan's stages from its skeleton.</summary>
internal static class StagePlans
{
    /// <summary>Every node whose output outlives its task is a stage's root; the last one's output is the job's own.</summary>
    public static StagePlan[] Of(PlanSkeleton skeleton, JobId job, IReadOnlyList<NodeSource> sources) =>
        Array.ConvertAll(StageOutlines.Of(skeleton, JobOutput.LineageOf(job), sources), static stage => new StagePlan(
            stage.Stage, stage.Output, stage.Operator, stage.Kind, stage.Partitions, stage.Parents)
        {
            Operators = stage.Operators,
            Sources = stage.Sources,
            Captured = stage.Captured,
            CapturedAt = stage.CapturedAt,
            Debug = stage.Debug,
            Lines = stage.Lines,
        });
}
