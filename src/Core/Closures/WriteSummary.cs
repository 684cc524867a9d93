using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>Names a static field in all constructions of its type.</summary>
internal readonly record struct StaticKey(Module Module, int Token)
{
    public static StaticKey Of(FieldInfo field) => new(field.Module, field.MetadataToken);
}

/// <summary>Names a method in all its constructions and those of its type.</summary>
internal readonly record struct MethodKey(Module Module, int Token)
{
    public static MethodKey Of(MethodBase method) => new(method.Module, method.MetadataToken);
}

/// <summary>A method that changes a static field or the object in it.</summary>
/// <param name="By">The one whose own instructions do it: the method itself, or one that it gives the object to.</param>
internal readonly record struct StaticWriter(MethodBase Method, MethodKey By, WriteKind Kind);

/// <summary>What a method does to static fields, to the objects in them and to its arguments, as far as its IL tells.</summary>
internal sealed class WriteSummary
{
    public static WriteSummary Nothing { get; } = new();

    /// <summary>The fields that it changes, and whose instructions do so.</summary>
    public Dictionary<(StaticKey Field, MethodKey By), WriteKind> Writes { get; } = [];

    /// <summary>The arguments, <c>this</c> among them, whose objects it changes, and whose instructions do so.</summary>
    public Dictionary<(int Argument, MethodKey By), WriteKind> Arguments { get; } = [];

    /// <summary>Where what it returns may come from.</summary>
    public HashSet<WriteOrigin> Returned { get; } = [];

    /// <summary>The lambdas and method groups that it gives to the engine's operators.</summary>
    public HashSet<MethodKey> GivenToEngine { get; } = [];

    /// <summary>Those that it gives to anybody else, calls or keeps.</summary>
    public HashSet<MethodKey> Kept { get; } = [];
}

/// <summary>
/// Where a value may come from: a static field or what it holds, an argument, the place of a variable, or a lambda's method.
/// </summary>
/// <param name="Slot">An argument, or with <paramref name="IsPlace"/> a variable whose address it is; arguments come before locals.</param>
/// <param name="Function">Of a delegate: what it calls.</param>
internal readonly record struct WriteOrigin(StaticKey? Field, int Slot, bool IsPlace, MethodKey? Function = null)
{
    public static WriteOrigin Of(StaticKey field) => new(field, -1, IsPlace: false);

    public static WriteOrigin Of(MethodBase function) => new(null, -1, IsPlace: false, MethodKey.Of(function));
}
