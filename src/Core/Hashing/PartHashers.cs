using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

// The hashers that ask StableHash again: for the parts of a key, or for what a key turns out to be. They are in one file because they,
// Hashers that chooses among them and StableHash that asks it are one recursion, which is what keys are.

internal sealed class NullableHasher<T> : Hasher<T?>
    where T : struct
{
    public override ulong Hash(T? value) => value.HasValue ? StableHash<T>.Of(value.GetValueOrDefault()) : 0;
}

internal sealed class OptionalHasher<T> : Hasher<Optional<T>>
{
    public override ulong Hash(Optional<T> value) => value.HasValue ? HashMix.Combine(1, StableHash<T>.Of(value.Value)) : 0;
}

/// <summary>Value tuples, component by component. Written out so that loops over tuple keys inline down to the components.</summary>
internal static class ValueTupleHashers
{
    public static Type[] ByArity { get; } =
    [
        typeof(ValueTupleHasher<>), typeof(ValueTupleHasher<,>), typeof(ValueTupleHasher<,,>), typeof(ValueTupleHasher<,,,>),
        typeof(ValueTupleHasher<,,,,>), typeof(ValueTupleHasher<,,,,,>), typeof(ValueTupleHasher<,,,,,,>),
        typeof(ValueTupleHasher<,,,,,,,>),
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

/// <summary>
/// Types whose equality is field by field: records, anonymous types, <see cref="Tuple"/>s, structs without their own Equals, and types
/// whose Equals compares fields. Their hashes are combined by a generated method, base types first, in the order of declaration;
/// private fields count too.
/// </summary>
internal sealed class FieldHasher<T>(IEnumerable<FieldInfo> fields) : Hasher<T>
{
    private readonly FieldHash _hash = Generate(fields);

    private delegate ulong FieldHash(ref T value);

    public override ulong Hash(T value) => _hash(ref value);

    private static FieldHash Generate(IEnumerable<FieldInfo> fields)
    {
        var combine = typeof(HashMix).GetMethod(nameof(HashMix.Combine))!;
        var method = new DynamicMethod(
            "StableHash", typeof(ulong), [typeof(T).MakeByRefType()], typeof(FieldHasher<T>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldc_I8, unchecked((long)HashMix.K3));
        foreach (var field in fields)
        {
            // Pointers have no place in generic code. Leaving a field out keeps agreement with equality.
            if (field.FieldType.IsPointer || field.FieldType.IsFunctionPointer)
            {
                continue;
            }

            il.Emit(OpCodes.Ldarg_0);
            if (!typeof(T).IsValueType)
            {
                il.Emit(OpCodes.Ldind_Ref);
            }

            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Call, typeof(StableHash<>).MakeGenericType(field.FieldType).GetMethod(nameof(StableHash<>.Of))!);
            il.Emit(OpCodes.Call, combine);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldHash>();
    }
}

/// <summary>
/// Arrays inside keys of F#, which compare them item by item. Elsewhere an array is no key; this hash would agree with comparing by
/// reference as well.
/// </summary>
internal sealed class ArrayHasher<T> : Hasher<T[]>
{
    public override ulong Hash(T[] value)
    {
        var hash = HashMix.Mix((uint)value.Length);
        foreach (var item in value)
        {
            hash = HashMix.Combine(hash, StableHash<T>.Of(item));
        }

        return hash;
    }
}

/// <summary>Types that are no keys. Those that a program declares are refused before; this is met behind object, by a value.</summary>
internal sealed class NoHasher<T> : Hasher<T>
{
    public override ulong Hash(T value) =>
        throw new InvalidOperationException(KeyTypes.RefusalOf(value!.GetType()) ?? $"{KeyTypes.NameOf(value.GetType())} is no key.");
}

/// <summary>Keys of an open type: hashed as what they are, not as what they are declared to be.</summary>
internal sealed class RuntimeTypeHasher<T>(Hasher<T> exact) : Hasher<T>
{
    public override ulong Hash(T value) =>
        value!.GetType() == typeof(T) ? exact.Hash(value) : BoxedHasher.For(value.GetType()).Hash(value);
}

/// <summary>Hashes a value that is held as object by its runtime type.</summary>
internal abstract class BoxedHasher
{
    // Weak in its keys: types of shipped assemblies stay unloadable.
    private static readonly ConditionalWeakTable<Type, BoxedHasher> s_byType = [];

    public abstract ulong Hash(object value);

    /// <exception cref="InvalidOperationException">Values of this type are no keys.</exception>
    public static BoxedHasher For(Type type) => s_byType.GetValue(
        type,
        static t => KeyTypes.RefusalOf(t) is { } refusal
            ? throw new InvalidOperationException(refusal)
            : (BoxedHasher)Activator.CreateInstance(typeof(BoxedHasher<>).MakeGenericType(t))!);
}

internal sealed class BoxedHasher<T> : BoxedHasher
{
    public override ulong Hash(object value) => StableHash<T>.Of((T)value);
}
