using System.Reflection;

namespace MicroSpark.Codecs;

/// <summary>When a rule is asked. The first rank that has an answer decides.</summary>
internal enum CodecRank
{
    /// <summary>Rules for the type itself: it is refused, names its codec, or is on the list of known types.</summary>
    Stated,

    /// <summary>Families of types that a room above knows: all accumulators.</summary>
    Family,

    /// <summary>What is left, by its shape: arrays, abstract types, errors, memory, fields.</summary>
    Shape,
}

/// <summary>
/// Which codec a type has: an open table of rules from types to codecs. A codec asks for the codecs of its parts, so no file below the
/// codecs could list them all. Instead each file with codecs adds a rule from a module initializer. It runs before the first value of the
/// process is written or read.
/// </summary>
/// <remarks>
/// Of the rules of one rank at most one may know a type. So the order in which rules are added means nothing: nobody decides it.
/// </remarks>
internal static class CodecRules
{
    private static readonly Func<Type, Codec?>[][] s_rules = [[], [], []];

    /// <param name="rule">
    /// Gives the codec of a type, or null when it is not the rule's to say. A rule is for types with references: those without are their
    /// memory wherever they stand inside others. It does not change what <see cref="TypeWalk"/> checks before: the type's fields.
    /// </param>
    public static void Add(CodecRank rank, Func<Type, Codec?> rule)
    {
        lock (s_rules)
        {
            Volatile.Write(ref s_rules[(int)rank], [.. s_rules[(int)rank], rule]);
        }
    }

    /// <summary>A new codec: asked once per type, by <see cref="CodecOf{T}"/>.</summary>
    public static Codec Create(Type type) =>
        Find(CodecRank.Stated, type) ?? Find(CodecRank.Family, type) ?? Find(CodecRank.Shape, type)
        ?? throw new InvalidOperationException($"No rule knows a codec of {TypeNames.Of(type)}.");

    /// <summary>Makes the codec that a rule has chosen, of a class that is generic over the parts of the type.</summary>
    public static Codec Make(Type codec, Type[] arguments, params object[] parameters)
    {
        const BindingFlags AnyConstructor = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var closed = codec.IsGenericTypeDefinition ? codec.MakeGenericType(arguments) : codec;
        return (Codec)Activator.CreateInstance(closed, AnyConstructor, null, parameters, null)!;
    }

    private static Codec? Find(CodecRank rank, Type type)
    {
        Codec? found = null;
        foreach (var rule in Volatile.Read(ref s_rules[(int)rank]))
        {
            if (rule(type) is { } codec)
            {
                found = found is null
                    ? codec
                    : throw new InvalidOperationException(
                        $"Two rules of rank {rank} know a codec of {TypeNames.Of(type)}: "
                        + $"{TypeNames.Of(found.GetType())} and {TypeNames.Of(codec.GetType())}.");
            }
        }

        return found;
    }
}
