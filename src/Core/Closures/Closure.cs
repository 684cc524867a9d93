using System.Reflection;

namespace MicroSpark.Closures;

/// <summary>
/// A lambda as it was when its operator was declared: the method, and the encoded values of the fields that the method reads.
/// Every task works on an instance of its own.
/// </summary>
internal abstract class Closure
{
    /// <summary>The self-contained encoding: equal for the same method with equal captured values. Hashed into the lineage id.</summary>
    public abstract ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The user assemblies (roots; without their references) that a worker needs to run the lambda.</summary>
    public abstract IReadOnlyList<AssemblyId> Assemblies { get; }

    /// <summary>False when the lambda cannot be named by content (e.g. it holds data too large to hash): its recipe gets a unique id.</summary>
    public abstract bool HasStableIdentity { get; }

    /// <summary>The lambda's method, for the stage compiler and for error texts.</summary>
    public abstract MethodInfo Method { get; }

    /// <summary>How errors name the lambda, such as <c>Program.Main lambda at line 12</c> or <c>Program.Parse</c>.</summary>
    public abstract string DisplayName { get; }
}

/// <inheritdoc />
internal sealed class Closure<TDelegate> : Closure
    where TDelegate : Delegate
{
    public override ReadOnlyMemory<byte> Encoded => throw new NotImplementedException();

    public override IReadOnlyList<AssemblyId> Assemblies => throw new NotImplementedException();

    public override bool HasStableIdentity => throw new NotImplementedException();

    public override MethodInfo Method => throw new NotImplementedException();

    public override string DisplayName => throw new NotImplementedException();

    /// <summary>Takes the captured values now and checks that all of it can travel.</summary>
    /// <exception cref="ClosureNotShippableException">Something cannot; the message has the field's path and the way out.</exception>
    public static Closure<TDelegate> Capture(TDelegate function, string operatorName, string parameterName) => throw new NotImplementedException();

    /// <summary>Reads what <see cref="Encoded"/> holds, on a worker. The assemblies are already in <paramref name="space"/>.</summary>
    public static Closure<TDelegate> FromEncoded(ReadOnlyMemory<byte> encoded, CodeSpace space) => throw new NotImplementedException();

    /// <summary>A delegate over a fresh copy of the captured values. Cheap: called once per task.</summary>
    public TDelegate CreateInstance() => throw new NotImplementedException();
}
