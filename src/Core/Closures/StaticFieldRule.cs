using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// Static fields do not travel: each worker has its own, set by whatever ran there before. So a lambda, or a method of the user's that
/// it calls directly, may touch only those that are const, readonly or the compiler's own; of another one <see cref="StaticValues"/>
/// takes the value, or refuses it. Deeper calls are not followed: the rule is a help against slips, and every rule that reads whole
/// libraries refuses harmless caches.
/// </summary>
internal sealed class StaticFieldRule
{
    private readonly HashSet<MethodBase> _seen = [];
    private readonly Queue<(MethodBase Method, bool Direct)> _open = new();
    private readonly List<StaticFieldUse> _uses = [];
    private AsyncVoidUse? _asyncVoid;

    /// <summary>The static fields that a lambda's method must not touch, each once; empty when it keeps the rule.</summary>
    /// <param name="asyncVoid">On the same way: a call of a method that nobody can await.</param>
    public static IReadOnlyList<StaticFieldUse> Check(MethodBase lambda, out AsyncVoidUse? asyncVoid)
    {
        var rule = new StaticFieldRule();
        rule.Enqueue(lambda, direct: false);
        while (rule._open.TryDequeue(out var next))
        {
            rule.Scan(next.Method, next.Direct);
        }

        asyncVoid = rule._asyncVoid;
        return rule._uses;
    }

    private void Enqueue(MethodBase method, bool direct)
    {
        if (method.DeclaringType is { } type && OwnCode.Is(type.Assembly) && _seen.Add(method))
        {
            _open.Enqueue((method, direct));
        }
    }

    /// <param name="direct">Whether the method is one that the lambda calls, so that what it calls itself is no longer looked at.</param>
    private void Scan(MethodBase method, bool direct)
    {
        if (IlCode.Of(method) is not { } code)
        {
            return;
        }

        if (CompilerMade.BodyOf(method) is { } body)
        {
            Enqueue(body, direct);
        }

        foreach (var instruction in code.Instructions)
        {
            switch (instruction.Code)
            {
                case ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld:
                    if (IlTokens.Resolve(code.Field, instruction) is { } field && !IsAllowed(field, method)
                        && !_uses.Exists(use => use.Field.Equals(field)))
                    {
                        _uses.Add(new StaticFieldUse(field, method));
                    }

                    break;
                case ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Ldftn or ILOpCode.Ldvirtftn:
                    if (IlTokens.Resolve(code.Method, instruction) is not { } callee)
                    {
                        break;
                    }

                    if (callee.DeclaringType is { } owner && OwnCode.Is(owner.Assembly) && ShippingRules.IsAsyncVoid(callee))
                    {
                        _asyncVoid ??= new AsyncVoidUse(callee, method);
                    }

                    if (!direct || CompilerMade.Is(callee))
                    {
                        Enqueue(callee, direct || !CompilerMade.Is(callee));
                    }

                    break;
            }
        }
    }

    private static bool IsAllowed(FieldInfo field, MethodBase by)
    {
        var owner = field.DeclaringType!;

        // The storage of `static int Count { get; set; }` has a compiler's name and is the user's variable all the same.
        var isPropertyOfUser = field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal);
        return field.IsInitOnly || field.IsLiteral
            || !OwnCode.Is(owner.Assembly)
            || (field.Name.StartsWith('<') && !isPropertyOfUser)
            || CompilerMade.Is(owner)
            || CompilerMade.Is(by) && by.Name == ".cctor"
            // Counters that a coverage tool weaves into the user's assembly.
            || owner.Namespace?.StartsWith("Coverlet.", StringComparison.Ordinal) == true;
    }
}
