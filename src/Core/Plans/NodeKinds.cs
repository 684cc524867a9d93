using System.Collections.Frozen;
using System.Reflection;

namespace MicroSpark.Plans;

/// <summary>
/// The closed set of node types that a plan can name: those of this assembly. A plan names a kind by its class's name, so no type name
/// of a plan ever reaches a loader.
/// </summary>
internal static class NodeKinds
{
    private static readonly FrozenDictionary<string, Type> s_kinds = typeof(NodeKinds).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(PlanNode)))
        .ToFrozenDictionary(t => t.Name);

    /// <summary>The node type of a kind over some type arguments.</summary>
    /// <exception cref="InvalidDataException">The plan names a kind that this version does not have.</exception>
    public static Type Find(string kind, Type[] arguments)
    {
        if (!s_kinds.TryGetValue(kind, out var type))
        {
            throw new InvalidDataException(
                $"The plan names the operator '{kind}', which this worker does not have. Run the same MicroSpark version on clients and "
                + $"workers.");
        }

        try
        {
            return arguments.Length == 0 ? type : type.MakeGenericType(arguments);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or TypeLoadException)
        {
            throw PlanReader.Damaged($"the operator '{kind}' does not take the types {string.Join<Type>(", ", arguments)}: {e.Message}");
        }
    }

    public static PlanNode Create(Type type, PlanReader reader)
    {
        try
        {
            return (PlanNode)Activator.CreateInstance(
                type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions, null,
                [reader], null)!;
        }
        catch (Exception e) when (
            e is MissingMethodException or ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // A node refuses arguments that no operator writes.
            throw new InvalidDataException($"The operator '{type.Name}' cannot be read from a plan: {e.Message}", e);
        }
    }
}
