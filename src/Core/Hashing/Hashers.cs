namespace MicroSpark.Hashing;

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
            KeyKind.FieldWise => new FieldHasher<T>(KeyShape.FieldsOf(type)),
            KeyKind.OwnEquals when EqualityFields.Of(type) is { Length: > 0 } fields => new FieldHasher<T>(fields),
            KeyKind.Identity when type.IsSZArray => New<T>(typeof(ArrayHasher<>), type.GetElementType()!),
            _ => new NoHasher<T>(),
        };
    }

    private static Hasher<T> New<T>(Type definition, params Type[] arguments) =>
        (Hasher<T>)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}
