using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs.Collections;

/// <summary>
/// How deep tuples may stand in tuples where a collection asks for a hash or an order while it is read. The framework's go down as deep as
/// their parts do, and a stack that ends takes the process with it. Where a type is written out it says how deep that is. Behind object and
/// interfaces the bytes do: thousands of levels, or one that is inside itself.
/// </summary>
internal static class KeyNesting<TKey>
{
    /// <summary>What a deep value has left of its stack is enough for so many.</summary>
    private const int Most = 100;

    /// <summary>A part that stands in several places is asked in each: thirty levels of pairs of the same would be a billion.</summary>
    private const int MostParts = 10_000;

    private static readonly bool s_isOpen = IsOpen(typeof(TKey));

    /// <exception cref="InvalidDataException">One is nested too deeply.</exception>
    public static TKey[] Checked(TKey[] keys)
    {
        if (s_isOpen)
        {
            foreach (var key in keys)
            {
                Check(key);
            }
        }

        return keys;
    }

    /// <inheritdoc cref="Checked(TKey[])"/>
    public static KeyValuePair<TKey, TValue>[] Checked<TValue>(KeyValuePair<TKey, TValue>[] items)
    {
        if (s_isOpen)
        {
            foreach (var item in items)
            {
                Check(item.Key);
            }
        }

        return items;
    }

    private static void Check(TKey key)
    {
        var left = MostParts;
        Walk(key, 0, ref left);
    }

    private static void Walk(object? part, int depth, ref int left)
    {
        if (depth > Most || --left < 0)
        {
            throw ValueReader.Corrupt($"a key has tuples in tuples, deeper than {Most} or of more than {MostParts} parts");
        }

        if (part is ITuple tuple)
        {
            // The rest of a long Tuple is one: it says its own length, however deep it is.
            if (part.GetType().GenericTypeArguments is { Length: 8 } parts && !part.GetType().IsValueType
                && !typeof(ITuple).IsAssignableFrom(parts[^1]))
            {
                throw ValueReader.Corrupt("a key is a long tuple whose rest is none");
            }

            for (var i = 0; i < tuple.Length; i++)
            {
                Walk(tuple[i], depth + 1, ref left);
            }
        }
        else if (part?.GetType() is { IsValueType: true, IsGenericType: true } type
            && (Origins.IsFramework(type.Assembly) || Origins.IsMicroSpark(type.Assembly)))
        {
            foreach (var field in TypeFields.Of(type))
            {
                Walk(field.GetValue(part), depth + 1, ref left);
            }
        }
    }

    private static bool IsOpen(Type type) =>
        type == typeof(object) || type == typeof(ValueType) || type.IsInterface || type.GenericTypeArguments.Any(IsOpen);
}
