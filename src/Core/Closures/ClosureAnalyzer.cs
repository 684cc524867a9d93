using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>What a lambda's IL tells about it, worked out once per method. Nothing here keeps a method's assembly loaded.</summary>
internal static class ClosureAnalyzer
{
    private static readonly ConditionalWeakTable<MethodInfo, ClosureAnalysis> s_known = [];

    public static ClosureAnalysis Analyze(MethodInfo method) => s_known.GetValue(method, static method => Make(method));

    private static ClosureAnalysis Make(MethodInfo method)
    {
        // The framework's methods have rules of their own about their fields: a captured list is a list, not its private array.
        var readable = !method.IsStatic && (SharedCode.IsMicroSpark(method.Module.Assembly) || !SharedCode.Has(method.Module.Assembly));
        (var needs, var writes, var written) = readable ? FieldFlow.OfTarget(method) : (FieldNeeds.Everything, true, []);
        var rules = StaticFieldRule.Check(method, out var asyncVoid);
        var path = OwnPath.Of(method);
        var facts = PathFacts.Of(path);
        return new ClosureAnalysis(
            needs, writes, written, rules, asyncVoid, LocalTimeRule.Find(path), ProcessStaticRule.Find(path),
            WrittenStaticRule.Of(path, facts), facts);
    }
}
