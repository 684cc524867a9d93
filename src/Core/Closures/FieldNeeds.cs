using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>
/// What a lambda needs of one captured object: all of it, or some fields and of each of them again all or some.
/// </summary>
internal sealed class FieldNeeds
{
    public static FieldNeeds Everything { get; } = new(true, []);

    public FieldNeeds(bool all, IReadOnlyList<(FieldInfo Field, FieldNeeds Needs)> fields, MethodBase? virtualCall = null)
    {
        All = all;
        Fields = fields;
        VirtualCall = virtualCall;
    }

    /// <summary>The object went where its use cannot be followed.</summary>
    public bool All { get; }

    /// <summary>
    /// The call that could not be followed, since a subclass may have another method for it; null when something else did it.
    /// </summary>
    public MethodBase? VirtualCall { get; }

    /// <summary>The fields that are read, base classes first, in the order of their declaration. Empty when <see cref="All"/>.</summary>
    public IReadOnlyList<(FieldInfo Field, FieldNeeds Needs)> Fields { get; }

    /// <summary>The one order of fields in encodings: base classes first, then as declared.</summary>
    public static int Compare(FieldInfo a, FieldInfo b)
    {
        var depth = DepthOf(a.DeclaringType).CompareTo(DepthOf(b.DeclaringType));
        return depth != 0 ? depth : a.MetadataToken.CompareTo(b.MetadataToken);
    }

    private static int DepthOf(Type? type)
    {
        var depth = 0;
        for (; type is not null; type = type.BaseType)
        {
            depth++;
        }

        return depth;
    }
}

/// <summary>What the IL of a lambda tells. Kept per method, for as long as the method's assembly is loaded.</summary>
/// <param name="Target">What it reads of its target.</param>
/// <param name="Writes">Whether it may change what it captured: then every task needs a copy of its own.</param>
/// <param name="StaticFields">The static fields that it must not touch, and who touches them.</param>
/// <param name="Written">The captured variables that it assigns to, as the source names them.</param>
/// <param name="AsyncVoid">A call that nobody could await, and who makes it; null when there is none.</param>
/// <param name="Path">What its own path is, as far as it can be told.</param>
/// <param name="StaticReads">The static fields that it comes to and whose value can change; null when there are none.</param>
internal sealed record ClosureAnalysis(
    FieldNeeds Target, bool Writes, IReadOnlyCollection<string> Written, IReadOnlyList<StaticFieldUse> StaticFields,
    AsyncVoidUse? AsyncVoid, LocalTimeUse? LocalTime, IReadOnlyList<ProcessStaticUse> ProcessStatics, StaticReads? StaticReads,
    PathFacts Path);

/// <summary>A method of the program's that is asynchronous and gives nothing to await.</summary>
internal sealed record AsyncVoidUse(MethodBase Callee, MethodBase By);

/// <summary>A method that touches a static field whose value would differ from worker to worker.</summary>
internal sealed record StaticFieldUse(FieldInfo Field, MethodBase By);
