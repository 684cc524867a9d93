using System.Text.RegularExpressions;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.History;

/// <summary>The line of the user's code at which something was thrown, as <c>Program.cs:12</c>.</summary>
internal static partial class UserLine
{
    /// <summary>Characters of a frame; an exception of the user's may say anything in place of its stack.</summary>
    private const int LongestFrame = 2000;

    /// <summary>The stack of the innermost one is the user's: what is around it says which operator ran it.</summary>
    public static string? StackOf(TaskFailure failure)
    {
        var inner = failure;
        while (inner.Inner is { } next)
        {
            inner = next;
        }

        return inner.StackTrace ?? failure.StackTrace;
    }

    /// <summary>Null when the stack has none, or the assemblies came without symbols.</summary>
    public static string? Of(string? stack)
    {
        foreach (var frame in (stack ?? "").Split('\n'))
        {
            if (frame.Length <= LongestFrame && Frame().Match(frame) is { Success: true } match && !IsEngine(match.Groups["type"].Value))
            {
                var file = match.Groups["file"].Value;
                return $"{file[(file.LastIndexOfAny(['/', '\\']) + 1)..]}:{match.Groups["line"].Value}";
            }
        }

        return null;
    }

    /// <summary>Its own frames have lines where it was built. A stack writes a nested type's name as if it stood in a namespace.</summary>
    private static bool IsEngine(string type)
    {
        for (var end = type.Length; end > 0; end = type.LastIndexOf('.', end - 1))
        {
            var name = type[..end];
            if (typeof(TaskFailure).Assembly.GetType(name) is not null || typeof(UserLine).Assembly.GetType(name) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>As the runtime writes it in every culture: <c>at Type.Method(arguments) in file:line 12</c>.</summary>
    [GeneratedRegex(@"^\s*at (?<type>\S+)\.[^.(\s]+\(.*\) in (?<file>.+):line (?<line>\d+)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Frame();
}
