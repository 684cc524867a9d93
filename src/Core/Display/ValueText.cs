using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MicroSpark.Display;

/// <summary>A value as people read it on one line: numbers and dates independent of the culture, the first few of a collection.</summary>
internal static class ValueText
{
    private const int MostItems = 10;
    private const int Deepest = 4;

    /// <summary>Whether values of the type are one cell of a table by nature.</summary>
    public static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(object)
            || (type.Namespace == "System" && !typeof(ITuple).IsAssignableFrom(type));

    public static bool IsNumber(object? value) =>
        value is byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal
            or Int128 or UInt128 or Half or System.Numerics.BigInteger;

    /// <summary>At most so many characters; what is left out is told by an ellipsis. A screen must not obey what the data holds.</summary>
    public static string Short(object? value, int most)
    {
        var all = Of(value);
        var length = all.Length <= most ? all.Length : char.IsHighSurrogate(all[most - 2]) ? most - 2 : most - 1;
        var text = new StringBuilder(length + 1);
        foreach (var character in all.AsSpan(0, length))
        {
            text.Append(char.IsControl(character) ? ' ' : character);
        }

        return text.Append(length < all.Length ? "…" : "").ToString();
    }

    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Append(text, value, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string given:
                text.Append(given);
                break;
            case IFormattable number:
                text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            case ITuple when depth == Deepest:
            case IEnumerable when depth == Deepest:
                text.Append('…');
                break;
            case ITuple tuple:
                text.Append('(');
                for (var i = 0; i < tuple.Length; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Append(text, tuple[i], depth + 1);
                }

                text.Append(')');
                break;
            case IEnumerable items:
                AppendItems(text, items, depth);
                break;
            case not null when SaysNothing(value.GetType()) && Columns.Of(value.GetType()) is { IsValue: false } columns:
                AppendMembers(text, value, columns, depth);
                break;
            default:
                text.Append(value);
                break;
        }
    }

    /// <summary>As a record shows itself.</summary>
    private static void AppendMembers(StringBuilder text, object value, Columns columns, int depth)
    {
        text.Append(value.GetType().Name.Split('`')[0]);
        if (depth == Deepest)
        {
            text.Append(" { … }");
            return;
        }

        var before = " { ";
        foreach (var (name, member) in columns.Names.Zip(columns.Of(value)))
        {
            text.Append(before).Append(name).Append(" = ");
            Append(text, member, depth + 1);
            before = ", ";
        }

        text.Append(" }");
    }

    /// <summary>
    /// Whether a value of a user's type, asked for its text, only names the type. Others' properties are not for reading at a glance.
    /// </summary>
    private static bool SaysNothing(Type type) =>
        type.GetMethod(nameof(ToString), Type.EmptyTypes)!.DeclaringType is var declares
            && (declares == typeof(object) || declares == typeof(ValueType)) &&
        type.Namespace?.Split('.')[0] is not ("System" or "Microsoft" or "MicroSpark" or "Orleans");

    private static void AppendItems(StringBuilder text, IEnumerable items, int depth)
    {
        var written = 0;
        text.Append('[');
        foreach (var item in items)
        {
            text.Append(written > 0 ? ", " : "");
            if (written++ == MostItems)
            {
                text.Append('…');
                break;
            }

            Append(text, item, depth + 1);
        }

        text.Append(']');
    }
}
