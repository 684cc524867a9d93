using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Files;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>
/// Compiled loops by shape: reader, operators, the functions' methods, sink. A later job of the same shape (an iteration of an
/// algorithm, another partition) runs a loop that is there. Loops that call code of a collectible assembly hang on that assembly.
/// </summary>
internal static class LoopCache<TSink>
    where TSink : struct
{
    private static readonly ConditionalWeakTable<Assembly, ConcurrentDictionary<LoopShape, FusedLoop<TSink>>> s_collectible = new();
    private static readonly ConcurrentDictionary<LoopShape, FusedLoop<TSink>> s_permanent = new();

    public static FusedLoop<TSink> GetOrCompile(
        Type readerType, Type sourceType, IFusedNode[] operators, List<FunctionShape> functions, int[] firstFunction, TSink sink)
    {
        var shape = LoopShape.Of(readerType, sourceType, operators, functions);
        var owner = functions.Select(f => f.Method.Module.Assembly).Append(sourceType.Assembly).FirstOrDefault(a => a.IsCollectible);
        var loops = owner is null ? s_permanent : s_collectible.GetValue(owner, static _ => new());
        return loops.TryGetValue(shape, out var loop)
            ? loop
            : loops.GetOrAdd(shape, _ => LoopCompiler.Compile(readerType, sourceType, operators, functions, firstFunction, sink));
    }
}

/// <summary>What decides a loop's code. Handles, not reflection objects: a key keeps no assembly alive.</summary>
internal sealed class LoopShape : IEquatable<LoopShape>
{
    private readonly nint[] _parts;
    private readonly int _hash;

    private LoopShape(nint[] parts)
    {
        _parts = parts;
        var hash = default(HashCode);
        foreach (var part in parts)
        {
            hash.Add(part);
        }

        _hash = hash.ToHashCode();
    }

    public static LoopShape Of(Type readerType, Type sourceType, IFusedNode[] operators, List<FunctionShape> functions)
    {
        var parts = new nint[2 + operators.Length + (functions.Count * 2)];
        parts[0] = readerType == typeof(RangeReader) ? 1 : readerType == typeof(WordReader) ? 2 : 3;
        parts[1] = sourceType.TypeHandle.Value;
        var at = 2;
        foreach (var node in operators)
        {
            parts[at++] = node.GetType().TypeHandle.Value;
        }

        foreach (var function in functions)
        {
            // A loop notes where it is, and looks at its end, as its functions need it.
            parts[at++] = function.Direct ? function.Method.MethodHandle.Value
                : ThrowAnalysis.CanThrow(function.Method) ? -1 : ThrowAnalysis.IsBrief(function.Method) ? -2 : -3;
            parts[at++] = function.TargetType?.TypeHandle.Value ?? 0;
        }

        return new LoopShape(parts);
    }

    public bool Equals(LoopShape? other) => other is not null && _hash == other._hash && _parts.AsSpan().SequenceEqual(other._parts);

    public override bool Equals(object? obj) => Equals(obj as LoopShape);

    public override int GetHashCode() => _hash;
}
