using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>Which types no task can change for another: see <see cref="ValueCodec.IsShareable"/>.</summary>
internal static class Shareable
{
    private static readonly ConditionalWeakTable<Type, StrongBox<bool>> s_known = [];

    /// <summary>Framework classes that never change, and hold nothing of the user's.</summary>
    private static readonly Type[] s_immutable =
    [
        typeof(string), typeof(Uri), typeof(Version), typeof(System.Numerics.BigInteger), typeof(System.Text.RegularExpressions.Regex),
        typeof(DBNull),
    ];

    /// <summary>Collections that never change, if their elements do not.</summary>
    private static readonly Type[] s_collections =
        [typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableStack<>), typeof(ImmutableQueue<>)];

    public static bool Check(Type type) => s_known.GetValue(type, static key => new(Find(key, []))).Value;

    private static bool Find(Type type, HashSet<Type> open)
    {
        if (!open.Add(type) || Array.IndexOf(s_immutable, type) >= 0 || RawLayout.IsRaw(type))
        {
            // A type that leads back to itself is as shareable as the rest of it.
            return true;
        }

        if (Array.IndexOf(s_collections, KnownTypes.DefinitionOf(type)) >= 0)
        {
            return Find(type.GenericTypeArguments[0], open);
        }

        if (type.IsPointer || type.IsByRefLike || type.IsArray || type.IsInterface || !type.IsSealed || KnownTypes.HasOwnCodec(type)
            || typeof(Delegate).IsAssignableFrom(type) || Refusals.Of(type) is not null || EncodedByAttribute.CodecFor(type) is not null
            || Formatters.Of(type) is not null || typeof(IShippable).IsAssignableFrom(type))
        {
            return false;
        }

        // A struct's own fields may be writable: whoever gets the struct gets a copy. An object's may not.
        return TypeFields.AllOf(type).All(field => (type.IsValueType || field.IsInitOnly) && Find(field.FieldType, open));
    }
}
