using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>A call whose answer depends on the process's local time zone.</summary>
internal sealed record LocalTimeUse(string Call, MethodBase By)
{
    /// <summary>How refusals name it, such as <c>DateTime.ToLocalTime (in Program.Main lambda (Program.cs:12))</c>.</summary>
    public override string ToString() => $"{Call} (in {DisplayNames.Of(By)})";
}

/// <summary>
/// Whether a lambda reaches local time, by itself or through the program's own methods, however deep. .NET has one local zone per
/// process: where a worker's has other rules, such a call gives another answer than it would in the program.
/// </summary>
/// <remarks>
/// What is a use stands in <see cref="LocalTimeCalls"/>. A static field counts when its initializer is a use: each worker runs it again.
/// </remarks>
internal static class LocalTimeRule
{
    /// <summary>The first use; null when there is none.</summary>
    /// <param name="known">Static fields whose initializers do not count: their values travel.</param>
    public static LocalTimeUse? Find(OwnPath path, IReadOnlyList<FieldInfo>? known = null)
    {
        foreach (var (method, code) in path.Bodies)
        {
            if (Scan(new CodeStretch(method, code, 0, code.Instructions.Count)) is { } use)
            {
                return use;
            }
        }

        foreach (var read in path.Reads.Where(read => known?.Any(field => FieldPlace.Of(field) == FieldPlace.Of(read.Field)) != true))
        {
            foreach (var stretch in read.Initializer.Stretches)
            {
                if (Scan(stretch) is { } use)
                {
                    return use;
                }
            }
        }

        return null;
    }

    private static LocalTimeUse? Scan(CodeStretch stretch)
    {
        var code = stretch.Code;
        for (var at = stretch.From; at < stretch.To; at++)
        {
            if (code.Instructions[at].Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn
                && IlTokens.Resolve(code.Method, code.Instructions[at]) is { } callee
                && LocalTimeCalls.NameOf(callee, code, at) is { } name)
            {
                return new LocalTimeUse(name, stretch.Method);
            }
        }

        return null;
    }
}
