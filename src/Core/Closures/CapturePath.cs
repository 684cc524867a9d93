using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Names captured things as they stand in the user's source: no <c>&lt;&gt;c__DisplayClass</c> is ever shown.</summary>
internal static class CapturePath
{
    /// <summary>How a lambda sees its own target: captured variables by name alone, everything else through <c>this</c>.</summary>
    public static string OfTarget(Type target) => IsInvisible(target) ? "" : "this";

    /// <summary>The path of a field, below the path of its owner.</summary>
    public static string Below(string owner, FieldInfo field)
    {
        var name = field.Name;
        if (name.EndsWith("__this", StringComparison.Ordinal) || name == "$VB$Me")
        {
            return OfTarget(field.FieldType);
        }

        if (CompilerMade.IsClosure(field.FieldType) || IsSubmission(field.FieldType))
        {
            // The variables of an outer scope, or of an earlier line of a prompt.
            return owner;
        }

        if (name.StartsWith("<>3__", StringComparison.Ordinal))
        {
            return name["<>3__".Length..];
        }

        if (name.StartsWith("$VB$Local_", StringComparison.Ordinal))
        {
            return name["$VB$Local_".Length..];
        }

        // <x>P is a primary constructor's parameter, <x>5__1 a local of an iterator or an async method: the source says just x.
        var shown = TypeNames.Of(field);
        var isLocal = name.StartsWith('<')
            && (name.EndsWith(">P", StringComparison.Ordinal) || name.Contains(">5__", StringComparison.Ordinal));
        return owner.Length == 0 || isLocal ? shown : $"{owner}.{shown}";
    }

    /// <summary>
    /// The full path of a value that a codec refused inside one of the fields: its own path begins with that field's name.
    /// </summary>
    public static string Of(string owner, IReadOnlyList<FieldInfo> fields, string refused)
    {
        return FieldOf(fields, refused) is { } field ? Below(owner, field) + refused[TypeNames.Of(field).Length..]
            : owner.Length == 0 ? refused
            : $"{owner}.{refused}";
    }

    /// <summary>The field whose name such a path begins with; null when none of them has it.</summary>
    public static FieldInfo? FieldOf(IReadOnlyList<FieldInfo> fields, string refused)
    {
        foreach (var field in fields)
        {
            var name = TypeNames.Of(field);
            if (refused.StartsWith(name, StringComparison.Ordinal) && (refused.Length == name.Length || refused[name.Length] is '.' or '['))
            {
                return field;
            }
        }

        return null;
    }

    /// <summary>
    /// Classes of captured variables, state machines and the engine's own functions; at a prompt also the object that holds its variables.
    /// </summary>
    private static bool IsInvisible(Type type) =>
        CompilerMade.Is(type) || IsSubmission(type) || EngineFunctionAttribute.Marks(type);

    /// <summary>The class of a line at a prompt, whose fields are the variables declared there.</summary>
    private static bool IsSubmission(Type type) =>
        type.GetMethod("<Factory>", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is not null;
}
