using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;
using MessagePack.Formatters;

namespace MicroSpark.Codecs;

/// <summary>
/// Types whose author has said how they travel: <c>[MessagePackFormatter(typeof(F))]</c> on the type itself. That is how a type can travel
/// whose fields cannot, such as one that holds a handle or a function. MessagePack's other attributes say what an application's own
/// messages carry, and change nothing here.
/// </summary>
internal static class Formatters
{
    private static readonly ConditionalWeakTable<Type, StrongBox<Type?>> s_known = [];

    /// <summary>The type's formatter; null when it has none, or is plain memory, which travels as it is.</summary>
    public static Type? Of(Type type) => type.IsInterface || type.IsArray ? null : s_known.GetValue(type, static t => new(Find(t))).Value;

    /// <summary>Why the type is refused although it names a formatter; null when the formatter is one.</summary>
    public static string? RefusalOf(Type type, Type formatter) =>
        typeof(IMessagePackFormatter<>).MakeGenericType(type).IsAssignableFrom(formatter)
            ? null
            : $"its [MessagePackFormatter] names {TypeNames.Of(formatter)}, which is no IMessagePackFormatter<{TypeNames.Of(type)}>. "
                + "Name one that is, or take the attribute away.";

    private static Type? Find(Type type)
    {
        if (type.GetCustomAttribute<MessagePackFormatterAttribute>(inherit: false)?.FormatterType is not { } formatter
            || RawLayout.IsRaw(type))
        {
            return null;
        }

        return formatter.IsGenericTypeDefinition && formatter.GetGenericArguments().Length == type.GenericTypeArguments.Length
            ? formatter.MakeGenericType(type.GenericTypeArguments)
            : formatter;
    }
}
