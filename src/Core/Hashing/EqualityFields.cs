using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

/// <summary>
/// Which fields two values of a type with its own Equals must share to be equal. A hash over them agrees with that Equals in every
/// process, which GetHashCode does not.
/// </summary>
/// <remarks>
/// <para>
/// The law: whenever Equals says true, each of these fields is equal on both sides. They are read from the IL of Equals, path by path:
/// what every path to <c>true</c> has compared belongs to them. What Equals compares in another way (a text without regard to case, a
/// number modulo ten, the items of an array) is left out, and so may be everything: then the type has no such hash.
/// </para>
/// <code>
///   other is not null &amp;&amp; _number == other._number &amp;&amp; _name.Equals(other._name, OrdinalIgnoreCase)       gives _number
/// </code>
/// </remarks>
internal static class EqualityFields
{
    // Weak in its keys: types of shipped assemblies stay unloadable.
    private static readonly ConditionalWeakTable<Type, FieldInfo[]> s_compared = [];
    private static readonly ConditionalWeakTable<Type, FieldInfo[]> s_hashed = [];

    /// <summary>
    /// Those whose types have a hash that is the same in every process, in the order of declaration, base types first; none when the
    /// type's Equals cannot be read so.
    /// </summary>
    public static FieldInfo[] Of(Type type) => s_hashed.GetValue(
        type, static t => Array.FindAll(ComparedBy(t), static field => KeyTypes.HasStableHash(field.FieldType)));

    /// <summary>All of them, those too that have no such hash: of a type that compares by reference, say.</summary>
    public static FieldInfo[] ComparedBy(Type type) => s_compared.GetValue(type, static t => Find(t));

    private static FieldInfo[] Find(Type type)
    {
        HashSet<FieldInfo>? shared = null;
        foreach (var equals in MethodsOf(type))
        {
            var found = EqualsReader.Read(type, equals);
            if (shared is null)
            {
                shared = found;
            }
            else
            {
                shared.IntersectWith(found);
            }
        }

        return shared is null ? [] : [.. KeyShape.FieldsOf(type).Where(shared.Contains)];
    }

    /// <summary>
    /// Equals(object), and what IEquatable of the type or of a base maps to: tables call the one that their key type has.
    /// </summary>
    private static IEnumerable<MethodInfo> MethodsOf(Type type)
    {
        yield return type.GetMethod(nameof(Equals), BindingFlags.Instance | BindingFlags.Public, [typeof(object)])!;
        foreach (var contract in type.GetInterfaces())
        {
            if (contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEquatable<>)
                && contract.GenericTypeArguments[0].IsAssignableFrom(type))
            {
                yield return type.GetInterfaceMap(contract).TargetMethods[0];
            }
        }
    }
}
