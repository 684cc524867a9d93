namespace MicroSpark.Hashing;

/// <summary>
/// How one type is hashed. Every implementation is sealed and one instance lives in a static readonly field, so that compiled loops call it directly.
/// </summary>
internal abstract class Hasher<T>
{
    /// <summary>Hash of one value; it is not null.</summary>
    public abstract ulong Hash(T value);
}

/// <summary>Chooses a type's <see cref="Hasher{T}"/>, once.</summary>
internal static class Hashers
{
    public static Hasher<T> Create<T>()
    {
        var kind = KeyShape.Of(typeof(T));
        var exact = CreateExact<T>(kind);

        // The runtime type decides: a key declared as object, as an interface or as an open record may be anything below.
        return typeof(T).IsSealed || kind == KeyKind.BuiltIn ? exact : new RuntimeTypeHasher<T>(exact);
    }

    private static Hasher<T> CreateExact<T>(KeyKind kind)
    {
        var type = typeof(T);
        return kind switch
        {
            KeyKind.BuiltIn => BuiltInHashers.Find<T>()!,
            KeyKind.StableByItself => New<T>(typeof(OwnStableHasher<>), type),
            KeyKind.Nullable => New<T>(typeof(NullableHasher<>), type.GenericTypeArguments),
            KeyKind.Optional => New<T>(typeof(OptionalHasher<>), type.GenericTypeArguments),
            KeyKind.ValueTuple => New<T>(ValueTupleHashers.ByArity[type.GenericTypeArguments.Length - 1], type.GenericTypeArguments),
            KeyKind.FieldWise => new FieldHasher<T>(),
            _ => new ProcessHasher<T>(),
        };
    }

    private static Hasher<T> New<T>(Type definition, params Type[] arguments) =>
        (Hasher<T>)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}

/// <summary>Types that say their stable hash themselves. It is mixed again: a user's number need not be spread over 64 bits.</summary>
internal sealed class OwnStableHasher<T> : Hasher<T>
    where T : IStableHash
{
    public override ulong Hash(T value) => HashMix.Mix(value.StableHash);
}

internal sealed class NullableHasher<T> : Hasher<T?>
    where T : struct
{
    public override ulong Hash(T? value) => value.HasValue ? StableHash<T>.Of(value.GetValueOrDefault()) : 0;
}

internal sealed class OptionalHasher<T> : Hasher<Optional<T>>
{
    public override ulong Hash(Optional<T> value) => value.HasValue ? HashMix.Combine(1, StableHash<T>.Of(value.Value)) : 0;
}
