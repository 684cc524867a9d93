using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>Which types have no encoding, judged by themselves alone, and what to do instead.</summary>
internal static class Refusals
{
    public const string Delegate =
        "it is a delegate, which is code and not data. Pass functions to operators as lambdas, or keep the data that the function needs.";

    public const string FunctionComparer =
        "it is a comparer made of a function, which is code and not data. Write a class that implements the comparer's interface.";

    private const string Finalized =
        "it has a finalizer: it stands for something that this process owns, and the runtime would run it on each copy.";

    private const string Ways =
        " Make it inside the task (MapPartitions makes it once per partition), or mark the field [NonSerialized] if tasks do not need it.";

    private static readonly (string FullName, string Reason)[] s_bases =
    [
        ("System.Threading.Tasks.Task", "it is a task, which runs in this process. Await it first and keep its result."),
        ("System.Threading.Tasks.ValueTask", "it is a task, which runs in this process. Await it first and keep its result."),
        ("System.Lazy`1", "it is a Lazy, whose factory is code. Read its Value first and keep that."),
        ("System.Threading.CancellationToken",
            "it is a cancellation token of this process. Pass the token to the action instead; it stops the tasks."),
        ("System.Threading.CancellationTokenSource",
            "it is a cancellation source of this process. Pass its token to the action instead; it stops the tasks."),
        ("System.Reflection.MemberInfo", "it is a member of a type. Keep its name, or its Type, instead."),
    ];

    /// <summary>Why a value of exactly this type has no encoding, as the end of a sentence about it; null when it has one.</summary>
    public static string? Of(Type type)
    {
        if (type.IsPointer || type.IsByRef || type.IsFunctionPointer || type.IsByRefLike || type == typeof(void))
        {
            return $"it is {Name(type)}, an address in this process or on its stack. Copy the data that it points to into an array.";
        }

        if (Formatters.Of(type) is { } formatter)
        {
            return Formatters.RefusalOf(type, formatter);
        }

        if (type.IsArray)
        {
            var element = type.GetElementType()!;
            return element.IsPointer || element.IsFunctionPointer ? Of(element) : null;
        }

        if (type.GetCustomAttribute<NotEncodableAttribute>(inherit: true) is { } marked)
        {
            return marked.Reason;
        }

        if (KnownTypes.Contains(KnownTypes.DefinitionOf(type)))
        {
            return null;
        }

        if (KnownTypes.IsHarmless(type))
        {
            return DataTypes.HasFinalizer(type) ? Finalized + Ways : null;
        }

        return Origins.IsFramework(type.Assembly) ? OfFramework(type) : OfUser(type);
    }

    private static string? OfFramework(Type type)
    {
        if (Families.HeadOf(type) != type || KnownTypes.IsInternalByFields(type))
        {
            return null;
        }

        for (var part = type; part is not null; part = part.BaseType)
        {
            var name = KnownTypes.DefinitionOf(part).FullName;
            foreach ((var fullName, var reason) in s_bases)
            {
                if (name == fullName)
                {
                    return reason;
                }
            }
        }

        if (typeof(IEnumerable).IsAssignableFrom(type) && (type.FullName?.StartsWith("System.Linq.", StringComparison.Ordinal) ?? false))
        {
            return $"it is {Name(type)}, a sequence that is not computed yet. Call ToList() on it.";
        }

        return $"it is {Name(type)} ({type.Namespace}), which belongs to this process or is not known to be plain data." + Ways;
    }

    private static string? OfUser(Type type)
    {
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && typeof(IEnumerator).IsAssignableFrom(type))
        {
            return "it is an iterator (a method with yield), a sequence that is not computed yet. Call ToList() on it.";
        }

        if (typeof(IAsyncStateMachine).IsAssignableFrom(type))
        {
            return "it is an async method that is under way. Await it first and keep its result.";
        }

        if (typeof(IDisposable).IsAssignableFrom(type) || typeof(IAsyncDisposable).IsAssignableFrom(type))
        {
            return $"it is {Name(type)}, which is disposable: it stands for something that this process owns." + Ways;
        }

        if (DataTypes.HasFinalizer(type))
        {
            return Finalized + Ways;
        }

        for (var part = type.BaseType; part is not null; part = part.BaseType)
        {
            if (Origins.IsFramework(part.Assembly))
            {
                return KnownTypes.IsBase(part)
                    ? null
                    : $"it is {Name(type)}, which derives from {Name(part)}, whose own state is not known to be plain data." + Ways;
            }
        }

        return null;
    }

    private static string Name(Type type)
    {
        var name = TypeNames.Of(type);
        return (name.Length > 0 && "AEIOUaeiou".Contains(name[0]) ? "an " : "a ") + name;
    }
}
