using System.Reflection;

namespace MicroSpark.Tests.Plans;

/// <summary>
/// A plan names a node by its class and leaves the rest to the class's constructor. What is missing there compiles, and fails on a worker.
/// </summary>
public sealed class PlanNodeTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly Core = Assembly.Load("MicroSpark.Core");
    private static readonly Type Node = Core.GetType("MicroSpark.Plans.PlanNode", throwOnError: true)!;
    private static readonly Type Reader = Core.GetType("MicroSpark.Plans.PlanReader", throwOnError: true)!;

    private static IEnumerable<Type> Kinds => Core.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(Node)).OrderBy(type => type.Name);

    [Fact]
    public void A_node_can_be_read_from_a_plan()
    {
        string[] unreadable = [.. Kinds.Where(kind => kind.GetConstructor(Declared, [Reader]) is null).Select(kind => kind.FullName!)];

        Assert.True(
            unreadable.Length == 0,
            $"""
            A worker makes a node with a constructor that takes the {Reader.Name} alone, hands the parents to the base class (reader.Parent...) and reads
            what WriteArguments wrote, in the same order. Write `private {Name(unreadable.FirstOrDefault())}({Reader.Name} reader) : base(...)` for:
            {string.Join(Environment.NewLine, unreadable)}
            """);
    }

    [Fact]
    public void No_two_nodes_have_one_name()
    {
        var groups = Kinds.GroupBy(kind => kind.Name, kind => kind.FullName).Where(group => group.Count() > 1);
        string[] same = [.. groups.Select(group => string.Join(", ", group))];

        Assert.True(same.Length == 0, $"A plan names a node by its class's name alone. Give these names of their own: {string.Join("; ", same)}");
    }

    [Fact]
    public void A_node_has_no_type_parameters_but_its_own()
    {
        string[] nested = [.. Kinds.Where(kind => kind.DeclaringType is { IsGenericTypeDefinition: true }).Select(kind => kind.FullName!)];

        Assert.True(nested.Length == 0, $"A plan lists a node's own type arguments. Move these out of their generic types: {string.Join(", ", nested)}");
    }

    [Fact]
    public void There_are_nodes() => Assert.Contains("MapNode`2", Kinds.Select(kind => kind.Name));

    private static string Name(string? kind) => kind?.Split('.')[^1].Split('`')[0] ?? "";
}
