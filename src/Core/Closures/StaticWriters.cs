using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// Which methods of an assembly write to which static fields, and to the objects in them. Made once per assembly, when a lambda first
/// reads a static field whose value can change.
/// </summary>
internal sealed class StaticWriters
{
    private const int MaxDepth = 30;
    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Assembly, StaticWriters> s_known = [];

    private readonly Dictionary<StaticKey, List<StaticWriter>> _writers = [];
    private readonly Dictionary<StaticKey, List<MethodBase>> _readers = [];
    private readonly Dictionary<MethodKey, WriteSummary> _summaries = [];
    private readonly Dictionary<MethodKey, HashSet<MethodKey>> _callers = [];
    private readonly HashSet<MethodKey> _givenToEngine = [];
    private readonly HashSet<MethodKey> _kept = [];
    private readonly List<MethodBase> _initializers = [];
    private int _depth;

    private StaticWriters(Assembly assembly)
    {
        foreach (var method in MethodsOf(assembly))
        {
            if (IlCode.Of(method) is { } code)
            {
                NoteCalls(method, code);
                NoteReads(method, code);
                if (method is MethodInfo { IsStatic: true, IsGenericMethod: false } && IlTokens.Has<ModuleInitializerAttribute>(method))
                {
                    _initializers.Add(method);
                }

                var summary = SummaryOf(method, code);
                _givenToEngine.UnionWith(summary.GivenToEngine);
                _kept.UnionWith(summary.Kept);
                foreach (((var field, var by), var kind) in summary.Writes)
                {
                    if (!_writers.TryGetValue(field, out var writers))
                    {
                        _writers.Add(field, writers = []);
                    }

                    writers.Add(new StaticWriter(method, by, kind));
                }
            }
        }
    }

    /// <summary>
    /// The methods of the whole program that write to a field, each with how. Setters that nobody calls are left out, and what is called by
    /// nobody but the lambdas of operators: that does not run before other lambdas are declared, but where they run.
    /// </summary>
    public static IEnumerable<StaticWriter> Of(FieldInfo field)
    {
        var all = KnowingOf(field);
        return all.SelectMany(writers => writers._writers.GetValueOrDefault(StaticKey.Of(field)) ?? [])
            .Where(writer => !writer.Method.Name.StartsWith("set_", StringComparison.Ordinal)
                || Array.Exists(all, writers => writers._callers.ContainsKey(MethodKey.Of(writer.Method))))
            .Where(writer => !RunsInTasksOnly(MethodKey.Of(writer.Method), all, []));
    }

    /// <summary>Whether one of some methods writes to a field, or to the object in it.</summary>
    public static bool Has(FieldInfo field, IReadOnlySet<MethodKey> among) =>
        Array.Exists(KnowingOf(field), writers =>
            writers._writers.GetValueOrDefault(StaticKey.Of(field))?.Exists(writer => among.Contains(MethodKey.Of(writer.Method))) == true);

    /// <summary>
    /// A virtual method, of a class or for an interface, that comes to a field by calls; null when there is none. Who calls it cannot be
    /// told by the calls' code.
    /// </summary>
    /// <param name="isAtHand">Whether objects of a type may be at hand where it is asked for.</param>
    public static MethodBase? OverrideThatReads(FieldInfo field, Func<Type, bool> isAtHand)
    {
        var all = KnowingOf(field);
        var seen = new HashSet<MethodKey>();
        var open = new Queue<MethodBase>(all.SelectMany(writers => writers._readers.GetValueOrDefault(StaticKey.Of(field)) ?? []));
        while (open.TryDequeue(out var method))
        {
            if (!seen.Add(MethodKey.Of(method)))
            {
                continue;
            }

            if (method.IsVirtual && !CompilerMade.IsStateMachine(method.DeclaringType!) && isAtHand(method.DeclaringType!))
            {
                return method;
            }

            foreach (var caller in all.SelectMany(writers => writers._callers.GetValueOrDefault(MethodKey.Of(method)) ?? []))
            {
                open.Enqueue(caller.Module.ResolveMethod(caller.Token)!);
            }
        }

        return null;
    }

    /// <summary>What a process runs by itself when it loads the assembly.</summary>
    public static IReadOnlyList<MethodBase> InitializersOf(Assembly assembly) =>
        s_known.GetValue(assembly, static assembly => new StaticWriters(assembly))._initializers;

    /// <summary>Whether no way leads to a method but through lambdas that are given to the engine.</summary>
    /// <param name="seen">A method that is on the way to itself says nothing new.</param>
    private static bool RunsInTasksOnly(MethodKey method, StaticWriters[] all, HashSet<MethodKey> seen)
    {
        if (!seen.Add(method))
        {
            return true;
        }

        MethodKey[] callers = [.. all.SelectMany(writers => writers._callers.GetValueOrDefault(method) ?? [])];
        return !Array.Exists(all, writers => writers._kept.Contains(method))
            && (callers.Length > 0 || Array.Exists(all, writers => writers._givenToEngine.Contains(method)))
            && Array.TrueForAll(callers, caller => RunsInTasksOnly(caller, all, seen));
    }

    /// <summary>The program's assemblies that can name a field.</summary>
    private static StaticWriters[] KnowingOf(FieldInfo field)
    {
        var owner = field.Module.Assembly;
        return
        [
            .. AppDomain.CurrentDomain.GetAssemblies()
                .Where(assembly => OwnCode.Is(assembly) && (assembly == owner || Mentions(assembly, owner)))
                .Select(assembly => s_known.GetValue(assembly, static assembly => new StaticWriters(assembly))),
        ];
    }

    private static bool Mentions(Assembly assembly, Assembly other) =>
        Array.Exists(assembly.GetReferencedAssemblies(), name => name.Name == other.GetName().Name);

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly)
    {
        Type?[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException error)
        {
            types = error.Types;
        }

        return types.OfType<Type>().SelectMany(static type =>
        {
            try
            {
                return (IEnumerable<MethodBase>)[.. type.GetMethods(Declared), .. type.GetConstructors(Declared)];
            }
            catch (Exception error) when (IlTokens.IsUnreadable(error))
            {
                return [];
            }
        });
    }

    private void NoteCalls(MethodBase method, IlCode code)
    {
        foreach (var instruction in code.Instructions)
        {
            if (instruction.Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj
                && IlTokens.Resolve(code.Method, instruction) is { DeclaringType: { } type } callee && OwnCode.Is(type.Assembly))
            {
                NoteCall(callee, method);
            }
        }

        if (CompilerMade.BodyOf(method) is { } body)
        {
            NoteCall(body, method);
        }
    }

    private void NoteReads(MethodBase method, IlCode code)
    {
        foreach (var instruction in code.Instructions)
        {
            if (instruction.Code is ILOpCode.Ldsfld or ILOpCode.Ldsflda && IlTokens.Resolve(code.Field, instruction) is { } field
                && OwnCode.Is(field.Module.Assembly))
            {
                if (!_readers.TryGetValue(StaticKey.Of(field), out var readers))
                {
                    _readers.Add(StaticKey.Of(field), readers = []);
                }

                readers.Add(method);
            }
        }
    }

    private void NoteCall(MethodBase callee, MethodBase caller)
    {
        var key = MethodKey.Of(callee);
        if (!_callers.TryGetValue(key, out var callers))
        {
            _callers.Add(key, callers = []);
        }

        callers.Add(MethodKey.Of(caller));
    }

    private WriteSummary SummaryOf(MethodBase method) =>
        _summaries.TryGetValue(MethodKey.Of(method), out var known) ? known
        : _depth < MaxDepth && DefinitionOf(method) is { } definition && IlCode.Of(definition) is { } code ? SummaryOf(definition, code)
        : WriteSummary.Nothing;

    private WriteSummary SummaryOf(MethodBase method, IlCode code)
    {
        var key = MethodKey.Of(method);
        if (_summaries.TryGetValue(key, out var known))
        {
            return known;
        }

        // One that calls itself does nothing more by that.
        _summaries.Add(key, WriteSummary.Nothing);
        _depth++;
        var summary = StaticWriteFlow.Run(method, code, SummaryOf);
        _depth--;
        return _summaries[key] = summary;
    }

    private static MethodBase? DefinitionOf(MethodBase method) =>
        method.IsGenericMethod || method.DeclaringType is { IsGenericType: true }
            ? method.Module.ResolveMethod(method.MetadataToken)
            : method;
}
