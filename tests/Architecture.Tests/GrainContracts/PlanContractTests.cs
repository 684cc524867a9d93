using System.Reflection;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>
/// What is in a plan is written down, as grains' contracts are: a patch that reads an argument more, moves a field or renames a function would
/// break the plans of its neighbours.
/// </summary>
public sealed class PlanContractTests
{
    private static readonly Type[] Types = Assembly.Load("MicroSpark.Core").GetTypes();

    [Fact]
    public void The_content_of_plans_is_the_recorded_one() =>
        RecordedList.AssertIs("docs/plan-contracts.txt", [.. PlanContractList.Of(Types)], "What plans say to workers", "UPDATE_GRAIN_CONTRACTS", "GrainContracts");

    [Fact]
    public void The_engines_functions_have_written_names() =>
        Assert.DoesNotContain(
            Types.Where(PlanContractList.IsFunction), static type => type.FullName!.Contains('<', StringComparison.Ordinal) || type.IsNested);

    [Fact]
    public void What_a_node_reads_is_listed_in_its_order() => Assert.Equal(
        ["read Node<T>: Parent<T>, Text, base()", "read Node<T>.Read: Int32, Codec.Read<T>()"],
        PlanContractList.Reads(
            """
            class Node<T> : Base
            {
                private Node(PlanReader reader) : base(reader.Parent<T>(), reader.Text(), reader) { }
                static int Read(PlanReader r) { var a = r.Int32(); return Codec.Read<T>(r); }
                void Other(string reader) { }
            }
            """));
}
