using MicroSpark.Closures;
using MicroSpark.Grains.Contracts;
using MicroSpark.Plans;

namespace MicroSpark.Driver.Events;

/// <summary>
/// Where the lambdas of a plan stand in the user's source, and what is to be said of them, for people: the last ones of a plan with
/// thousands.
/// </summary>
internal static class PlanSources
{
    private const int Most = 256;

    public static NodeSource[] Of(EncodedPlan plan)
    {
        var sources = new List<NodeSource>();
        for (var i = Math.Max(0, plan.Methods.Count - Most); i < plan.Methods.Count; i++)
        {
            var (node, method, captured) = plan.Methods[i];
            var large = captured > ClosureWarnings.LargeCapture ? captured : 0;
            var debug = DebugBuild.Is(method.Module.Assembly);
            var line = SourceLines.Find(method);
            if (line is not null || large > 0 || debug)
            {
                sources.Add(new NodeSource(node, line ?? "", large, debug));
            }
        }

        return [.. sources];
    }
}
