namespace MicroSpark.Plans;

/// <summary>
/// Numbers a plan's stages, deepest first. A shuffle output or the action begins a stage; a persisted node shares the number of
/// the stage that reads it first, since in a program's eyes caching moves no data.
/// </summary>
internal static class StageNumbers
{
    public static int[] Of(List<PlanNode> nodes, Dictionary<LineageId, int> index, List<OutputKind> outputs)
    {
        var stageRoot = new int[nodes.Count];
        Array.Fill(stageRoot, -1);
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            if (outputs[i] is OutputKind.Shuffle or OutputKind.Result || stageRoot[i] < 0)
            {
                stageRoot[i] = i;
            }

            foreach (var parent in nodes[i].Parents)
            {
                var p = index[parent.Lineage];
                if (stageRoot[p] < 0)
                {
                    stageRoot[p] = stageRoot[i];
                }
            }
        }

        var numbers = new Dictionary<int, int>();
        foreach (var root in stageRoot.Order())
        {
            numbers.TryAdd(root, numbers.Count);
        }

        return Array.ConvertAll(stageRoot, root => numbers[root]);
    }
}
