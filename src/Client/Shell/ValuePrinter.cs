using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Display;

namespace MicroSpark.Client.Shell;

/// <summary>A result as people want to see it: rows of tuples or records as a table, anything else on a line.</summary>
internal static class ValuePrinter
{
    private const int MostRows = 20;

    public static void Print(TextWriter output, object? value)
    {
        switch (value)
        {
            case string text:
                output.WriteLine(Printable(text));
                break;
            case Task task:
                output.WriteLine($"{TypeText.Of(TaskTypeOf(task))}: not awaited. Write 'await' in front of it.");
                break;
            case IEnumerable items when ElementOf(items.GetType()) is { } element && Columns.Of(element) is var columns:
                PrintRows(output, items, element, columns);
                break;
            default:
                output.WriteLine(RddText(value) ?? Printable(ValueText.Of(value)));
                break;
        }
    }

    /// <summary>A screen must not obey what the data holds; lines and tabs are welcome.</summary>
    private static string Printable(string text) => string.Create(text.Length, text, static (span, text) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsControl(text[i]) && text[i] is not ('\n' or '\r' or '\t') ? '\uFFFD' : text[i];
        }
    });

    /// <summary>As it was declared, not the compiler's class behind it.</summary>
    private static Type TaskTypeOf(Task task)
    {
        var type = task.GetType();
        while (type != typeof(Task) && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)))
        {
            type = type.BaseType!;
        }

        return type.IsGenericType && type.GenericTypeArguments[0].Name == "VoidTaskResult" ? typeof(Task) : type;
    }

    private static void PrintRows(TextWriter output, IEnumerable items, Type element, Columns columns)
    {
        if (ValueText.IsPlain(element))
        {
            output.WriteLine(Printable(ValueText.Of(items)));
            return;
        }

        var table = new TextTable(columns.Names);
        var rows = 0;
        foreach (var item in items)
        {
            if (rows++ == MostRows)
            {
                break;
            }

            table.Add(columns.Of(item));
        }

        table.Write(output, TextTable.WidthOfScreen());
        if (rows > MostRows)
        {
            var all = items is ICollection collection ? $" of {collection.Count.ToString("N0", CultureInfo.InvariantCulture)}" : "";
            output.WriteLine($"only the first {MostRows}{all} are shown");
        }
    }

    /// <summary>A recipe is shown by its type and name: a look at it computes nothing.</summary>
    private static string? RddText(object? value)
    {
        for (var type = value?.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Rdd<>))
            {
                var name = type.GetProperty(nameof(Rdd<>.Name), BindingFlags.Public | BindingFlags.Instance)!.GetValue(value);
                return $"Rdd<{TypeText.Of(type.GenericTypeArguments[0])}> \"{name}\": nothing is computed yet. See it with: await "
                    + $"....ShowAsync()";
            }
        }

        return null;
    }

    private static Type? ElementOf(Type type) =>
        type == typeof(string) ? null
        : type.GetInterfaces().Append(type)
            .FirstOrDefault(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GenericTypeArguments[0];
}

/// <summary>A type as C# writes it.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(short)] = "short",
        [typeof(string)] = "string",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
    };

    public static string Of(Type type) =>
        s_keywords.TryGetValue(type, out var keyword) ? keyword
        : type.IsArray ? $"{Of(type.GetElementType()!)}[]"
        : typeof(ITuple).IsAssignableFrom(type) && type.IsGenericType ? $"({string.Join(", ", type.GenericTypeArguments.Select(Of))})"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>"
        : type.Name;
}
