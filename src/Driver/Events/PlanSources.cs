using MicroSpark.Closures;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>Where the lambdas of a plan stand in the user's source, for people: the last ones of a plan with thousands.</summary>
internal static class PlanSources
{
    private const int Most = 256;

    public static NodeSource[] Of(EncodedPlan plan)
    {
        var sources = new List<NodeSource>();
        for (var i = Math.Max(0, plan.Methods.Count - Most); i < plan.Methods.Count; i++)
        {
            var (node, method) = plan.Methods[i];
            if (SourceLines.Find(method) is { } line)
            {
                sources.Add(new NodeSource(node, line));
            }
        }

        return [.. sources];
    }
}
