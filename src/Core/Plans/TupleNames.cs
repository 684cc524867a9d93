using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Plans;

/// <summary>
/// What a program calls the members of its tuples. A type does not know it: the compiler leaves the names at what gives a tuple, which is
/// a lambda of the program's, or an operator whose elements are pairs.
/// </summary>
internal static class TupleNames
{
    /// <summary>Of what a function gives, or of the elements of the sequence that it gives.</summary>
    public static IReadOnlyList<string?>? OfResult(MethodInfo function) => Of(function.ReturnParameter);

    /// <summary>Of the elements that a class of nodes is declared to have.</summary>
    public static IReadOnlyList<string?>? OfElements(Type node) => Of(node);

    // Outer members stand before inner ones, so the first names are those of the first tuple that a declaration mentions.
    private static IReadOnlyList<string?>? Of(ICustomAttributeProvider declared) =>
        declared.GetCustomAttributes(typeof(TupleElementNamesAttribute), inherit: false) is [TupleElementNamesAttribute names, ..]
            ? (IReadOnlyList<string?>)names.TransformNames
            : null;
}
