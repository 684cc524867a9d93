using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// The program's own methods that a method can come to, however deep: calls, and functions that are passed on. Calls through interfaces
/// and virtual methods are followed to the method that they name, not to its overrides. A generic method counts once, whatever it is
/// called for: one that calls itself for a list of its own parameter would have no end.
/// </summary>
internal sealed class OwnPath
{
    private const int MostMethods = 20_000;

    // A program's lambdas come to the same methods again and again.
    private static readonly ConditionalWeakTable<MethodBase, IlCode?> s_codes = [];

    private readonly HashSet<MethodBase> _seen = [];
    private readonly List<(MethodBase Method, IlCode Code)> _bodies = [];
    private List<StaticRead>? _reads;

    /// <summary>Each with its code, callers first.</summary>
    public IReadOnlyList<(MethodBase Method, IlCode Code)> Bodies => _bodies;

    /// <summary>The program's static fields that are read on the way and that an initializer sets, each once.</summary>
    public IReadOnlyList<StaticRead> Reads => _reads ??= FindReads();

    /// <summary>From a lambda on, or from several methods.</summary>
    public static OwnPath Of(params IEnumerable<MethodBase> lambdas)
    {
        var path = new OwnPath();
        foreach (var lambda in lambdas)
        {
            path.Add(lambda);
        }

        path.FollowAll(passedOn: true);
        return path;
    }

    /// <summary>From a stretch of code on.</summary>
    /// <param name="passedOn">Whether along functions that it only passes on, which run later, if at all.</param>
    public static OwnPath Of(CodeStretch stretch, bool passedOn)
    {
        var path = new OwnPath();
        path.Follow(stretch.Code, stretch.From, stretch.To, passedOn);
        path.FollowAll(passedOn);
        return path;
    }

    public static IlCode? CodeOf(MethodBase method) => s_codes.GetValue(method, static method => IlCode.Of(method));

    private static MethodBase DefinitionOf(MethodBase method) =>
        method.IsGenericMethod || method.DeclaringType!.IsGenericType ? method.Module.ResolveMethod(method.MetadataToken)! : method;

    private void FollowAll(bool passedOn)
    {
        for (var next = 0; next < _bodies.Count && next < MostMethods; next++)
        {
            Follow(_bodies[next].Code, 0, int.MaxValue, passedOn);
        }
    }

    private void Follow(IlCode code, int from, int to, bool passedOn)
    {
        for (var at = from; at < Math.Min(to, code.Instructions.Count); at++)
        {
            var instruction = code.Instructions[at];
            var isCall = instruction.Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj;
            if ((isCall || (passedOn && instruction.Code is ILOpCode.Ldftn or ILOpCode.Ldvirtftn))
                && IlTokens.Resolve(code.Method, instruction) is { DeclaringType: { } type } callee && OwnCode.Is(type.Assembly))
            {
                Add(DefinitionOf(callee));
            }
        }
    }

    private void Add(MethodBase method)
    {
        if (method.DeclaringType is not { } type || !OwnCode.Is(type.Assembly) || !_seen.Add(method) || CodeOf(method) is not { } code)
        {
            return;
        }

        _bodies.Add((method, code));
        if (CompilerMade.BodyOf(method) is { } body)
        {
            Add(DefinitionOf(body));
        }
    }

    private List<StaticRead> FindReads()
    {
        var reads = new List<StaticRead>();
        var seen = new HashSet<FieldPlace>();
        foreach (var (method, code) in _bodies)
        {
            foreach (var instruction in code.Instructions)
            {
                if (instruction.Code is ILOpCode.Ldsfld or ILOpCode.Ldsflda && IlTokens.Resolve(code.Field, instruction) is { } field
                    && seen.Add(FieldPlace.Of(field)) && FieldInitializer.Of(field) is { } initializer)
                {
                    reads.Add(new StaticRead(field, method, initializer));
                }
            }
        }

        return reads;
    }
}

/// <summary>A static field that a method reads, and what sets it in each process.</summary>
internal sealed record StaticRead(FieldInfo Field, MethodBase By, FieldInitializer Initializer);

/// <summary>A stretch of a method's instructions, from one to the one before another.</summary>
internal readonly record struct CodeStretch(MethodBase Method, IlCode Code, int From, int To);

/// <summary>The stretch of a type's initializer that sets one static field: C# puts initializers one behind the other.</summary>
internal sealed record FieldInitializer(CodeStretch Own)
{
    /// <summary>What runs when the field is set: the stretch, and the program's methods that it calls, however deep.</summary>
    public IEnumerable<CodeStretch> Stretches =>
        OwnPath.Of(Own, passedOn: false).Bodies
            .Select(static body => new CodeStretch(body.Method, body.Code, 0, body.Code.Instructions.Count))
            .Prepend(Own);

    /// <summary>Null when the field is not the program's own, or nothing sets it there.</summary>
    public static FieldInitializer? Of(FieldInfo field)
    {
        if (field.DeclaringType is not { TypeInitializer: { } initializer } type || !OwnCode.Is(type.Assembly)
            || OwnPath.CodeOf(initializer) is not { } code)
        {
            return null;
        }

        var from = 0;
        for (var at = 0; at < code.Instructions.Count; at++)
        {
            if (code.Instructions[at].Code == ILOpCode.Stsfld)
            {
                if (IlTokens.Resolve(code.Field, code.Instructions[at]) is { } set && set.HasSameMetadataDefinitionAs(field))
                {
                    return new FieldInitializer(new CodeStretch(initializer, code, from, at));
                }

                from = at + 1;
            }
        }

        return null;
    }
}
