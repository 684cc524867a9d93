using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Plans;

namespace MicroSpark.Grains.History;

/// <summary>Reads the stages of a job from its plan's skeleton.</summary>
internal static class StageOutlines
{
    /// <summary>Operators and source lines that a stage names: a chain may have thousands.</summary>
    private const int Most = 24;

    /// <param name="result">The name of the job's own output.</param>
    /// <param name="sources">By node.</param>
    public static StageOutline[] Of(PlanSkeleton skeleton, LineageId result, IReadOnlyList<NodeSource> sources)
    {
        var lambdas = sources.ToLookup(static source => source.Node);
        var stages = new List<StageOutline>();
        for (var i = 0; i < skeleton.Nodes.Count; i++)
        {
            var node = skeleton.Nodes[i];
            if (node.Output == OutputKind.Fused && i != skeleton.Root)
            {
                continue;
            }

            var fused = FusedInto(skeleton, i);
            int[] shown = [.. fused.TakeLast(Most)];
            var own = fused.SelectMany(n => lambdas[n]).ToArray();
            var largest = own.OrderByDescending(static one => one.Captured).FirstOrDefault();
            stages.Add(new StageOutline(
                node.StageId, i == skeleton.Root ? result : node.Lineage, node.Name ?? node.Operator, node.Output, node.NumPartitions,
                [.. skeleton.InputsOf(i, null).Select(input => skeleton.Nodes[input.Node].Lineage)],
                [.. shown.Select(n => skeleton.Nodes[n]).Select(n => n.Name ?? n.Operator)],
                [.. own.Select(static one => one.Line).Where(static line => line.Length > 0).Distinct().TakeLast(Most)], largest.Captured,
                largest is { Captured: > 0, Line: [_, ..] } ? largest.Line : null, Array.Exists(own, static one => one.Debug),
                Array.ConvertAll(shown, n => lambdas[n].FirstOrDefault(static one => one.Line is [_, ..]).Line ?? "")));
        }

        return [.. stages];
    }

    /// <summary>The nodes that run in one stage, in the order in which elements pass them.</summary>
    private static List<int> FusedInto(PlanSkeleton skeleton, int root)
    {
        var seen = new SortedSet<int> { root };
        var open = new Stack<int>([root]);
        while (open.TryPop(out var at))
        {
            foreach (var (parent, _) in skeleton.Nodes[at].Parents)
            {
                if (skeleton.Nodes[parent].Output == OutputKind.Fused && seen.Add(parent))
                {
                    open.Push(parent);
                }
            }
        }

        return [.. seen];
    }
}
