using MicroSpark.Grains.Jobs;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>Reads a plan's stages from its skeleton.</summary>
internal static class StagePlans
{
    /// <summary>Every node whose output outlives its task is a stage's root; the last one's output is the job's own.</summary>
    public static StagePlan[] Of(PlanSkeleton skeleton, JobId job)
    {
        var plans = new List<StagePlan>();
        for (var i = 0; i < skeleton.Nodes.Count; i++)
        {
            var node = skeleton.Nodes[i];
            if (node.Output != OutputKind.Fused || i == skeleton.Root)
            {
                var parents = skeleton.InputsOf(i, null).Select(input => skeleton.Nodes[input.Node].Lineage);
                plans.Add(new StagePlan(
                    node.StageId, i == skeleton.Root ? JobOutput.LineageOf(job) : node.Lineage, node.Name ?? node.Operator, node.Output,
                    node.NumPartitions, [.. parents]));
            }
        }

        return [.. plans];
    }
}
