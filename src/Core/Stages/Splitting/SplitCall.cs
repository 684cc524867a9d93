using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Stages.Splitting;

/// <summary>
/// What a function does whose whole body is <c>line.Split(...)</c> with arguments that do not depend on the line: constants, or values
/// that it captured.
/// </summary>
/// <param name="Separators">The characters that separate words; null for any white space.</param>
internal sealed record SplitCall(char[]? Separators, StringSplitOptions Options)
{
    /// <summary>With more the scan for separators costs more than the words.</summary>
    private const int MostSeparators = 8;

    private const StringSplitOptions KnownOptions = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    // Keyed weakly: a user's method and what is known of it go together.
    private static readonly ConditionalWeakTable<MethodInfo, StrongBox<IlCode?>> s_candidates = [];

    /// <summary>
    /// Null when the function does anything else, or its separators are not a few characters. Then it is called as it is.
    /// </summary>
    public static SplitCall? Of(Func<string, IEnumerable<string>> function)
    {
        var code = s_candidates.GetValue(function.Method, static method => new StrongBox<IlCode?>(CodeOf(method))).Value;
        return code is not null && SplitEvaluator.ArgumentsOf(code, function) is { } arguments ? Of(arguments) : null;
    }

    private static SplitCall? Of(object?[] arguments)
    {
        var options = arguments switch
        {
            [_] => StringSplitOptions.None,
            [_, int given] => (StringSplitOptions)given,
            _ => (StringSplitOptions)(-1),
        };
        var separators = arguments[0] switch
        {
            int character => [(char)character],
            string { Length: 1 } text => [text[0]],
            char[] { Length: > 0 and <= MostSeparators } several => several,
            _ => null,
        };
        var isWhiteSpace = arguments[0] is SplitEvaluator.NoCharacters or char[] { Length: 0 };
        return (options & ~KnownOptions) == 0 && (separators is not null || isWhiteSpace) ? new SplitCall(separators, options) : null;
    }

    /// <summary>A cheap look first: most functions call something else than Split, or more than that.</summary>
    private static IlCode? CodeOf(MethodInfo method) =>
        method.GetMethodBody() is { ExceptionHandlingClauses.Count: 0 } && IlCode.Of(method) is { } code
        && code.Instructions is [.., var call, { Code: ILOpCode.Ret }]
        && call.Code is ILOpCode.Call or ILOpCode.Callvirt
        && code.Method(call) is { Name: nameof(string.Split) } split && split.DeclaringType == typeof(string)
            ? code
            : null;
}
