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
    public static LocalTimeUse? Find(OwnPath path)
    {
        foreach (var (method, code) in path.Bodies)
        {
            if (Scan(method, code, 0, code.Instructions.Count) is { } use)
            {
                return use;
            }

            foreach (var instruction in code.Instructions)
            {
                if (instruction.Code is ILOpCode.Ldsfld or ILOpCode.Ldsflda && IlTokens.Resolve(code.Field, instruction) is { } field
                    && FieldInitializer.Of(field) is { } initializer && ScanInitializer(initializer) is { } made)
                {
                    return made;
                }
            }
        }

        return null;
    }

    private static LocalTimeUse? ScanInitializer(FieldInitializer initializer)
    {
        var use = Scan(initializer.Method, initializer.Code, initializer.From, initializer.To);
        foreach (var (method, code) in use is null ? OwnPath.Of(initializer.Code, initializer.From, initializer.To).Bodies : [])
        {
            use ??= Scan(method, code, 0, code.Instructions.Count);
        }

        return use;
    }

    private static LocalTimeUse? Scan(MethodBase method, IlCode code, int from, int to)
    {
        for (var at = from; at < to; at++)
        {
            if (code.Instructions[at].Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn
                && IlTokens.Resolve(code.Method, code.Instructions[at]) is { } callee
                && LocalTimeCalls.NameOf(callee, code, at) is { } name)
            {
                return new LocalTimeUse(name, method);
            }
        }

        return null;
    }
}
