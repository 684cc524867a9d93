using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>What a call or a store does to an object that it is given.</summary>
internal enum WriteKind
{
    /// <summary>It only takes away: what was empty stays empty.</summary>
    Empties,

    /// <summary>It may put something in.</summary>
    Fills,
}

/// <summary>The framework's calls that change the object which they are called on, or one that they are given.</summary>
internal static class WritingCalls
{
    private static readonly HashSet<string> s_fill = new(StringComparer.Ordinal)
    {
        "Add", "AddAfter", "AddBefore", "AddFirst", "AddLast", "AddOrUpdate", "AddRange", "Append", "AppendFormat", "AppendJoin",
        "AppendLine", "Enqueue", "EnqueueRange", "Fill", "GetOrAdd", "GetValueRefOrAddDefault", "Insert", "InsertRange", "Push",
        "PushRange", "Replace", "Reverse", "Set", "SetAll", "SetAttributeValue", "SetByIndex", "SetElementValue", "SetValue", "Sort",
        "SymmetricExceptWith",
        "TryAdd", "TryUpdate", "UnionWith", "Xor",
    };

    private static readonly HashSet<string> s_empty = new(StringComparer.Ordinal)
    {
        "Clear", "Dequeue", "ExceptWith", "IntersectWith", "Pop", "Remove", "RemoveAll", "RemoveAt", "RemoveFirst", "RemoveLast",
        "RemoveRange", "RemoveWhere", "Take", "TryDequeue", "TryPop", "TryPopRange", "TryRemove", "TryTake",
    };

    private static readonly HashSet<string> s_parts = new(StringComparer.Ordinal)
    {
        "AddOrUpdate", "Dequeue", "GetEnumerator", "GetOrAdd", "Peek", "Pop", "GetAlternateLookup", "GetViewBetween", "AsReadOnly",
    };

    /// <summary>Which argument is changed, and how; null for a call that only reads.</summary>
    public static (int Argument, WriteKind Kind)? ChangedBy(MethodBase callee)
    {
        if (callee.DeclaringType is not { } type)
        {
            return null;
        }

        if (type == typeof(Array) && callee.Name is nameof(Array.Copy) or nameof(Array.ConstrainedCopy))
        {
            return (callee.GetParameters().Length == 3 ? 1 : 2, WriteKind.Fills);
        }

        if (!callee.IsStatic && callee.Name is "CopyTo" or "Shuffle" && callee.GetParameters() is [{ ParameterType.IsArray: true }, ..])
        {
            return (1, WriteKind.Fills);
        }

        if (!KeepsItsValue(type) || (callee.IsStatic && !IsHelper(type)))
        {
            return null;
        }

        return s_empty.Contains(callee.Name) ? (0, WriteKind.Empties)
            : s_fill.Contains(callee.Name) || (!callee.IsStatic && callee.Name.StartsWith("set_", StringComparison.Ordinal))
                ? (0, WriteKind.Fills)
            : null;
    }

    /// <summary>Whether a call answers with a part of what it is called on, which can be changed in turn.</summary>
    public static bool GivesPart(MethodInfo callee) =>
        callee.ReturnType.IsByRef || callee.ReturnType.IsByRefLike
        || (!callee.IsStatic && (callee.Name.StartsWith("get_", StringComparison.Ordinal) || s_parts.Contains(callee.Name)));

    // What waits and signals has no value that a program computes with, and what belongs to a thread or a flow is empty in every task.
    private static bool KeepsItsValue(Type type) =>
        type.Namespace is not { } name
        || !(name.StartsWith("System.Threading", StringComparison.Ordinal)
            || name.StartsWith("System.Diagnostics", StringComparison.Ordinal)
            || (name == "System.Collections.Immutable" && type.Name != "Builder") || name == "System.Linq" || type == typeof(string));

    // The last by name: a package has a type of the same one.
    private static bool IsHelper(Type type) =>
        type == typeof(Array) || type == typeof(MemoryExtensions) || type == typeof(System.Runtime.InteropServices.CollectionsMarshal)
        || type.FullName == "System.Collections.Generic.CollectionExtensions";
}
