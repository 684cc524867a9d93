namespace MicroSpark.Hashing;

/// <summary>Value tuples, component by component. Written out so that loops over tuple keys inline down to the components.</summary>
internal static class ValueTupleHashers
{
    public static Type[] ByArity { get; } =
    [
        typeof(ValueTupleHasher<>), typeof(ValueTupleHasher<,>), typeof(ValueTupleHasher<,,>), typeof(ValueTupleHasher<,,,>),
        typeof(ValueTupleHasher<,,,,>), typeof(ValueTupleHasher<,,,,,>), typeof(ValueTupleHasher<,,,,,,>), typeof(ValueTupleHasher<,,,,,,,>),
    ];

    public static ulong Of<A, B>(A a, B b) => HashMix.Combine(StableHash<A>.Of(a), StableHash<B>.Of(b));

    public static ulong Of<A, B, C, D>(A a, B b, C c, D d) =>
        HashMix.Combine(HashMix.Combine(Of(a, b), StableHash<C>.Of(c)), StableHash<D>.Of(d));
}

internal sealed class ValueTupleHasher<A> : Hasher<ValueTuple<A>>
{
    public override ulong Hash(ValueTuple<A> v) => HashMix.Combine(1, StableHash<A>.Of(v.Item1));
}

internal sealed class ValueTupleHasher<A, B> : Hasher<(A, B)>
{
    public override ulong Hash((A, B) v) => ValueTupleHashers.Of(v.Item1, v.Item2);
}

internal sealed class ValueTupleHasher<A, B, C> : Hasher<(A, B, C)>
{
    public override ulong Hash((A, B, C) v) => HashMix.Combine(ValueTupleHashers.Of(v.Item1, v.Item2), StableHash<C>.Of(v.Item3));
}

internal sealed class ValueTupleHasher<A, B, C, D> : Hasher<(A, B, C, D)>
{
    public override ulong Hash((A, B, C, D) v) => ValueTupleHashers.Of(v.Item1, v.Item2, v.Item3, v.Item4);
}

internal sealed class ValueTupleHasher<A, B, C, D, E> : Hasher<(A, B, C, D, E)>
{
    public override ulong Hash((A, B, C, D, E) v) =>
        HashMix.Combine(ValueTupleHashers.Of(v.Item1, v.Item2, v.Item3, v.Item4), StableHash<E>.Of(v.Item5));
}

internal sealed class ValueTupleHasher<A, B, C, D, E, F> : Hasher<(A, B, C, D, E, F)>
{
    public override ulong Hash((A, B, C, D, E, F) v) => HashMix.Combine(
        ValueTupleHashers.Of(v.Item1, v.Item2, v.Item3, v.Item4), ValueTupleHashers.Of(v.Item5, v.Item6));
}

internal sealed class ValueTupleHasher<A, B, C, D, E, F, G> : Hasher<(A, B, C, D, E, F, G)>
{
    public override ulong Hash((A, B, C, D, E, F, G) v) => HashMix.Combine(
        HashMix.Combine(ValueTupleHashers.Of(v.Item1, v.Item2, v.Item3, v.Item4), ValueTupleHashers.Of(v.Item5, v.Item6)),
        StableHash<G>.Of(v.Item7));
}

internal sealed class ValueTupleHasher<A, B, C, D, E, F, G, TRest> : Hasher<ValueTuple<A, B, C, D, E, F, G, TRest>>
    where TRest : struct
{
    public override ulong Hash(ValueTuple<A, B, C, D, E, F, G, TRest> v) => HashMix.Combine(
        ValueTupleHashers.Of(v.Item1, v.Item2, v.Item3, v.Item4),
        HashMix.Combine(ValueTupleHashers.Of(v.Item5, v.Item6), ValueTupleHashers.Of(v.Item7, v.Rest)));
}
