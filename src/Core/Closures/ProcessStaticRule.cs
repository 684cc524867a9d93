using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>A static field that a lambda reads and that a worker would make otherwise than the program did.</summary>
/// <param name="By">The method that reads it.</param>
/// <param name="Asked">The call of its initializer that answers for the process.</param>
internal sealed record ProcessStaticUse(FieldInfo Field, MethodBase By, string Asked);

/// <summary>
/// Static fields do not travel: each worker's process makes its own, by the type's initializer, when it first needs it. That is as good
/// where the initializer makes the same everywhere: tables, regular expressions, caches that are filled on use. It is another value where
/// the initializer asks the process: its environment, the clock, files.
/// </summary>
/// <remarks>
/// Looked for through the program's own methods, however deep. What is not seen: functions that an initializer keeps for later, as in a
/// <see cref="Lazy{T}"/>. What other code of the program writes is <see cref="WrittenStaticRule"/>'s.
/// </remarks>
internal static class ProcessStaticRule
{
    /// <summary>All such fields, each once.</summary>
    public static IReadOnlyList<ProcessStaticUse> Find(OwnPath path)
    {
        var uses = new List<ProcessStaticUse>();
        foreach (var read in path.Reads)
        {
            if (WrittenStaticRule.IsOfProgram(read.Field) && AskedBy(read.Initializer, []) is { } asked)
            {
                uses.Add(new ProcessStaticUse(read.Field, read.By, asked));
            }
        }

        return uses;
    }

    /// <param name="seen">The fields on the way: initializers may read each other's.</param>
    private static string? AskedBy(FieldInitializer initializer, HashSet<FieldPlace> seen)
    {
        foreach (var (_, code, from, to) in initializer.Stretches)
        {
            for (var at = from; at < to; at++)
            {
                if (code.Instructions[at].Code == ILOpCode.Ldsfld && IlTokens.Resolve(code.Field, code.Instructions[at]) is { } field
                    && WrittenStaticRule.IsOfProgram(field) && seen.Add(FieldPlace.Of(field)) && FieldInitializer.Of(field) is { } made
                    && AskedBy(made, seen) is { } asked)
                {
                    return asked;
                }

                if (code.Instructions[at].Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj
                    && IlTokens.Resolve(code.Method, code.Instructions[at]) is { } callee && ProcessCalls.NameOf(callee) is { } name)
                {
                    return name;
                }
            }
        }

        return null;
    }
}
