using System.Reflection;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Tests.Stages;

/// <summary>Which operators are part of their stage's loop. An operator that is added says here on which side it is, and why.</summary>
public class FusionTests
{
    /// <summary>Element by element: emitted into the loop.</summary>
    private static readonly string[] s_fused =
    [
        "FilterNode", "FlatMapNode", "FlatMapValuesNode", "KeyByNode", "MapNode", "MapValuesNode", "SampleNode", "UnionNode", "ZipWithIndexNode", "ZipWithUniqueIdNode",
    ];

    /// <summary>What a loop starts with, besides sources. It hands over runs, so that an element costs no call.</summary>
    private static readonly Dictionary<string, string> s_heads = new()
    {
        ["AlignedUnionNode"] = "several inputs, one after the other",
        ["CartesianNode"] = "reads one input for each element of another",
        ["CoalesceNode"] = "several inputs, one after the other",
        ["CogroupNode"] = "wide",
        ["CombineReadNode"] = "wide",
        ["GroupNode"] = "wide",
        ["JoinNode"] = "wide",
        ["KeyFilterNode"] = "wide",
        ["LocalCombineNode"] = "combines the whole partition",
        ["MapPartitionsNode"] = "a function of whole partitions",
        ["PipeNode"] = "a process reads the whole partition",
        ["PruneNode"] = "skips whole partitions",
        ["ResampleNode"] = "draws an element several times",
        ["SampleByKeyExactNode"] = "knows the elements' ranks",
        ["SampleByKeyNode"] = "draws an element several times",
        ["SortPartitionNode"] = "wide",
        ["SortedWindowNode"] = "reads only the partitions that may hold the keys",
        ["ZipNode"] = "two inputs at one pace",
        ["ZipPartitionsNode"] = "a function of whole partitions",
    };

    [Fact]
    public void Every_narrow_operator_is_known_to_fuse_or_not_to()
    {
        var narrow = typeof(PlanNode).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(PlanNode)) && !type.IsAbstract && !typeof(IStageRoot).IsAssignableFrom(type)
                && type.Namespace == "MicroSpark.Operators" && HasParents(type))
            .ToLookup(type => typeof(IFusedNode).IsAssignableFrom(type), type => type.Name.Split('`')[0]);
        Assert.Equal(s_fused, narrow[true].Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(s_heads.Keys.Order(StringComparer.Ordinal), narrow[false].Distinct().Order(StringComparer.Ordinal));
    }

    private static bool HasParents(Type node) => node.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Any(constructor => constructor.GetParameters().Any(p => (p.ParameterType.GetElementType() ?? p.ParameterType).IsAssignableTo(typeof(PlanNode))));
}
