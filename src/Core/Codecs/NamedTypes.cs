using System.Collections.Frozen;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>
/// Which types of the program a file may bring where its declaration leaves it open. A class of the program's says itself what may stand
/// behind it: what derives from it. Object and an interface of the framework say nothing, so there the program does: by what it declares,
/// and by what it lists.
/// </summary>
internal static class NamedTypes
{
    /// <summary>The program's types that some types and their fields are made of, and theirs in turn: generic ones by definition.</summary>
    public static FrozenSet<Type> Of(IEnumerable<Type> roots)
    {
        HashSet<Type> seen = [.. roots];
        Queue<Type> open = new(seen);
        while (open.TryDequeue(out var next))
        {
            foreach ((_, var part) in TypeWalk.PartsOf(next))
            {
                if (seen.Add(part))
                {
                    open.Enqueue(part);
                }
            }
        }

        return seen.SelectMany(NamesIn).Where(IsOfProgram).ToFrozenSet();
    }

    /// <summary>The first part of a value's type that neither the list nor the declared type names; null when there is none.</summary>
    public static Type? FirstUnnamed(FrozenSet<Type> named, Type declared, Type type) =>
        SaysNothing(declared)
            ? NamesIn(type).FirstOrDefault(part => IsOfProgram(part) && !named.Contains(part) && !NamesIn(declared).Contains(part))
            : null;

    /// <summary>A comparer of the program's own is data wherever a collection has one.</summary>
    private static bool SaysNothing(Type declared) =>
        declared == typeof(object) || declared == typeof(ValueType) || declared == typeof(Enum)
        || (declared.IsInterface && Origins.IsFramework(declared.Assembly)
            && KnownTypes.DefinitionOf(declared) is var head && head != typeof(IComparer<>) && head != typeof(IEqualityComparer<>));

    private static IEnumerable<Type> NamesIn(Type type)
    {
        while (type.HasElementType)
        {
            type = type.GetElementType()!;
        }

        return type.GenericTypeArguments.SelectMany(NamesIn).Prepend(KnownTypes.DefinitionOf(type));
    }

    /// <summary>What the compiler makes of <c>[a, b]</c> is in every assembly that needs one, and nobody can name it.</summary>
    private static bool IsOfProgram(Type type) =>
        !Origins.IsFramework(type.Assembly) && !Origins.IsMicroSpark(type.Assembly)
        && !type.Name.StartsWith("<>z__", StringComparison.Ordinal);
}
