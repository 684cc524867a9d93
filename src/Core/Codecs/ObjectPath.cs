using System.Collections;
using System.Reflection;

namespace MicroSpark.Codecs;

/// <summary>
/// Finds how a refused value is reached, after the fact, so that writing need not keep track of where it is.
/// </summary>
internal static class ObjectPath
{
    private const int MaxVisited = 100_000;

    /// <summary>
    /// The shortest way from the root to the culprit, such as <c>.Lines[].logger</c>; empty when it is the root or is not found.
    /// </summary>
    public static string Find(object? root, object? culprit)
    {
        if (root is null || culprit is null || ReferenceEquals(root, culprit))
        {
            return "";
        }

        HashSet<object> seen = new(ReferenceEqualityComparer.Instance) { root };
        Queue<(string Path, object Value)> open = new([("", root)]);
        while (open.TryDequeue(out var next) && seen.Count < MaxVisited)
        {
            foreach ((var segment, var part) in PartsOf(next.Value))
            {
                if (part is null || part is string)
                {
                    continue;
                }

                // Structs are found by type: what is read here is another box than the one that was refused.
                if (ReferenceEquals(part, culprit) || (culprit is ValueType && part.GetType() == culprit.GetType()))
                {
                    return next.Path + segment;
                }

                if (seen.Add(part))
                {
                    open.Enqueue((next.Path + segment, part));
                }
            }
        }

        return "";
    }

    private static IEnumerable<(string Segment, object? Part)> PartsOf(object value)
    {
        var type = value.GetType();
        if (value is IDictionary dictionary && KnownTypes.HasOwnCodec(type))
        {
            return dictionary.Keys.Cast<object?>().Select(static key => (".Keys[]", key))
                .Concat(dictionary.Values.Cast<object?>().Select(static item => (".Values[]", item)));
        }

        if (type.IsArray || (KnownTypes.HasOwnCodec(type) && value is IEnumerable))
        {
            return type.IsArray && type.GetElementType()!.IsPrimitive
                ? []
                : ((IEnumerable)value).Cast<object?>().Select(static item => ("[]", item));
        }

        var hasFields = !type.IsPrimitive && !KnownTypes.IsHarmless(type) && !KnownTypes.HasOwnCodec(type) && Refusals.Of(type) is null;
        return hasFields ? TypeFields.Of(type).Select(field => ("." + TypeNames.Of(field), field.GetValue(value))) : [];
    }
}
