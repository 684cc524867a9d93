using System.Runtime.CompilerServices;

namespace MicroSpark.Hashing;

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

    public static BoxedHasher For(Type type) => s_byType.GetValue(
        type, static t => (BoxedHasher)Activator.CreateInstance(typeof(BoxedHasher<>).MakeGenericType(t))!);
}

internal sealed class BoxedHasher<T> : BoxedHasher
{
    public override ulong Hash(object value) => StableHash<T>.Of((T)value);
}
