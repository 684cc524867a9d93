using System.Collections.ObjectModel;

namespace MicroSpark.Codecs;

/// <content>The types that are more than their fields, each with its codec.</content>
internal static partial class KnownTypes
{
    private static readonly Dictionary<Type, Type> s_codecs = new()
    {
        [typeof(string)] = typeof(StringCodec),
        [typeof(System.Threading.Lock)] = typeof(PlainObjectCodec<System.Threading.Lock>),
    };

    /// <summary>Internal types behind public ones that are their fields: what Random and Comparer.Create are made of.</summary>
    private static readonly Type[] s_internals =
    [
        .. ((string[])
        [
            "System.Random+XoshiroImpl", "System.Random+Net5CompatSeedImpl", "System.Random+Net5CompatDerivedImpl",
            "System.Random+CompatPrng", "System.Collections.Generic.ComparisonComparer`1",
            "System.Collections.Generic.EqualityComparer`1+DelegateEqualityComparer", "System.Collections.Generic.DelegateEqualityComparer`1",
        ]).Select(static name => typeof(object).Assembly.GetType(name)).OfType<Type>(), typeof(Random),
    ];

    /// <summary>Framework classes that a user's class may derive from: their state is none, or plain fields.</summary>
    private static readonly Type[] s_bases =
    [
        typeof(object), typeof(ValueType), typeof(EqualityComparer<>), typeof(Comparer<>), typeof(StringComparer), typeof(List<>),
        typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(Random), typeof(Attribute), typeof(EventArgs),
    ];

    /// <summary>The codec made for this type; null when it goes by its fields or its memory.</summary>
    public static Type? CodecFor(Type type) => s_codecs.GetValueOrDefault(DefinitionOf(type));

    public static bool HasOwnCodec(Type type) => CodecFor(type) is not null;

    public static bool IsInternalByFields(Type type) => Array.IndexOf(s_internals, DefinitionOf(type)) >= 0;

    public static bool IsBase(Type type) => Array.IndexOf(s_bases, DefinitionOf(type)) >= 0;
}
