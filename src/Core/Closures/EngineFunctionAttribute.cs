using System.Runtime.CompilerServices;

namespace MicroSpark.Closures;

/// <summary>
/// Marks a class whose methods travel in plans as functions of the engine itself: static ones, or those of an object that holds what a
/// function needs. A plan names them by their written names, so client and worker may be different patches of one version. The names, the
/// signatures and the order of the fields are part of the protocol: docs/plan-contracts.txt lists them. A lambda would travel under a name
/// that the compiler counts up, which another patch gives to another lambda, so no lambda of the engine travels.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class EngineFunctionAttribute : Attribute
{
    // Asked for each task, and an attribute is looked up anew each time.
    private static readonly ConditionalWeakTable<Type, object> s_marked = [];

    /// <summary>Whether objects of a type are marked. They travel as classes of captured variables do: field by field.</summary>
    public static bool Marks(Type type) => type.Assembly == typeof(EngineFunctionAttribute).Assembly
        && (bool)s_marked.GetValue(type, static type => type.IsDefined(typeof(EngineFunctionAttribute), inherit: false));
}
