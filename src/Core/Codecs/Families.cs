using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>
/// Framework types whose objects are of internal types: one codec, that of the public head, serves the family.
/// </summary>
internal static class Families
{
    private static readonly Type[] s_heads =
    [
        typeof(FrozenDictionary<,>), typeof(FrozenSet<>), typeof(StringComparer), typeof(Regex), typeof(Type), typeof(Encoding),
        typeof(CultureInfo), typeof(TimeZoneInfo), typeof(IPAddress), typeof(Lookup<,>),
        typeof(JsonValue),
    ];

    /// <summary>The type whose codec encodes objects of <paramref name="type"/>: mostly the type itself.</summary>
    public static Type HeadOf(Type type)
    {
        for (var part = type.BaseType; part is not null; part = part.BaseType)
        {
            var definition = KnownTypes.DefinitionOf(part);
            if (Array.IndexOf(s_heads, definition) >= 0)
            {
                // A user's own comparer or encoding is more than its head; a generated Regex is not.
                return Origins.IsFramework(type.Assembly) || definition == typeof(Regex) ? part : type;
            }

            if ((definition == typeof(EqualityComparer<>) || definition == typeof(Comparer<>)) && IsDefault(part, type))
            {
                return part;
            }
        }

        return type;
    }

    private static bool IsDefault(Type head, Type type) =>
        !head.ContainsGenericParameters && head.GetProperty("Default")!.GetValue(null)!.GetType() == type;
}
