using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>What the values of a type are made of, as far as the declared types tell.</summary>
internal static class TypeWalk
{
    private static readonly ConditionalWeakTable<Type, StrongBox<(string Path, string Reason)?>> s_known = [];

    /// <inheritdoc cref="ValueCodec.EnsureEncodable" />
    public static void EnsureEncodable(Type type)
    {
        if (s_known.GetValue(type, static key => new(FirstRefused(key))).Value is { } refused)
        {
            throw new NotEncodableException(refused.Path, refused.Reason);
        }
    }

    /// <summary>The types directly inside a type, each with what it adds to a path.</summary>
    public static IEnumerable<(string Segment, Type Type)> PartsOf(Type type)
    {
        if (type.IsArray)
        {
            return [("[]", type.GetElementType()!)];
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return [("", underlying)];
        }

        if (KnownTypes.HasOwnCodec(type) || type.IsInterface)
        {
            var arguments = type.GenericTypeArguments;
            return arguments.Length switch
            {
                1 => [("[]", arguments[0])],
                2 => [(".Keys[]", arguments[0]), (".Values[]", arguments[1])],
                _ => [],
            };
        }

        var hasFields = !type.IsPrimitive && !type.IsEnum && !KnownTypes.IsRaw(type) && !KnownTypes.IsHarmless(type)
            && EncodedByAttribute.CodecFor(type) is null && Formatters.Of(type) is null;
        return hasFields ? TypeFields.Of(type).Select(static field => ("." + TypeNames.Of(field), field.FieldType)) : [];
    }

    private static (string Path, string Reason)? FirstRefused(Type root)
    {
        HashSet<Type> seen = [root];
        Queue<(string Path, Type Type)> open = new([(TypeNames.Of(root), root)]);
        while (open.TryDequeue(out var next))
        {
            var reason = Refusals.Of(next.Type) ?? (typeof(Delegate).IsAssignableFrom(next.Type) ? Refusals.Delegate : null);
            if (reason is not null)
            {
                return (next.Path, reason);
            }

            // What stands behind an interface or a base class is only known when a value is there.
            if (next.Type.IsInterface || (next.Type.IsAbstract && !KnownTypes.HasOwnCodec(next.Type)) || next.Type == typeof(object))
            {
                continue;
            }

            foreach ((var segment, var part) in PartsOf(next.Type))
            {
                if (seen.Add(part))
                {
                    open.Enqueue((next.Path + segment, part));
                }
            }
        }

        return null;
    }
}
