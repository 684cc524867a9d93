using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Methods and lambdas as the user knows them, with their place in the source when symbols are at hand.</summary>
internal static class DisplayNames
{
    /// <summary>Such as <c>Program.Main lambda (Program.cs:12)</c>, <c>Program.Parse (Program.cs:30)</c> or <c>String.Trim</c>.</summary>
    public static string Of(MethodBase method)
    {
        var name = NameOf(method);
        return SourceLines.Find(method) is { } line ? $"{name} ({line})" : name;
    }

    /// <summary>Such as <c>Program.s_limit</c>.</summary>
    public static string Of(FieldInfo field) => $"{TypeNames.Of(field.DeclaringType!)}.{TypeNames.Of(field)}";

    private static string NameOf(MethodBase method)
    {
        var owner = method.DeclaringType;
        var name = method.Name;
        if (owner is not null && CompilerMade.IsStateMachine(owner))
        {
            // <Expand>d__4.MoveNext is the body of Expand.
            name = owner.Name;
        }

        while (owner is { DeclaringType: { } outer } && CompilerMade.Is(owner))
        {
            owner = outer;
        }

        var prefix = owner is null ? "" : TypeNames.Of(owner) + ".";
        return prefix + Readable(name);
    }

    private static string Readable(string name)
    {
        if (!name.StartsWith('<'))
        {
            return name is ".ctor" or ".cctor" ? name[1..] : name;
        }

        // <Main>b__0_1, <<Main>$>b__0_0, <Main>g__Parse|0_2, <.ctor>b__3_0, <<Main>b__0>d
        var start = name.LastIndexOf('<') + 1;
        var end = name.IndexOf('>', start);
        var method = end < 0 ? name : name[start..end].TrimStart('.');
        var local = name.IndexOf(">g__", StringComparison.Ordinal);
        if (local >= 0)
        {
            var function = name[(local + ">g__".Length)..];
            var bar = function.IndexOf('|', StringComparison.Ordinal);
            return $"{method} local function {(bar < 0 ? function : function[..bar])}";
        }

        return name.Contains(">b__", StringComparison.Ordinal) ? $"{method} lambda" : method;
    }
}
