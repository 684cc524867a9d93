using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>Names a static field in all constructions of its type.</summary>
internal readonly record struct StaticKey(Module Module, int Token)
{
    public static StaticKey Of(FieldInfo field) => new(field.Module, field.MetadataToken);
}

/// <summary>What a method does to static fields, to the objects in them and to its arguments, as far as its IL tells.</summary>
internal sealed class WriteSummary
{
    public static WriteSummary Nothing { get; } = new();

    public Dictionary<StaticKey, WriteKind> Writes { get; } = [];

    /// <summary>The arguments, <c>this</c> among them, whose objects it changes.</summary>
    public Dictionary<int, WriteKind> Arguments { get; } = [];

    /// <summary>Where what it returns may come from.</summary>
    public HashSet<WriteOrigin> Returned { get; } = [];
}

/// <summary>Where a value may come from: a static field or what it holds, an argument, or the place of a variable.</summary>
/// <param name="Slot">An argument, or with <paramref name="IsPlace"/> a variable whose address it is; arguments come before locals.</param>
internal readonly record struct WriteOrigin(StaticKey? Field, int Slot, bool IsPlace);
