using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>The codec of objects that say that they are of one type: one for all internal types of a family, such as comparers.</summary>
internal sealed class RuntimeCodec
{
    // Keyed weakly, and the codecs hold no other context's types: a user's type and its codec go together.
    private static readonly ConditionalWeakTable<Type, RuntimeCodec> s_known = [];

    // Before the table, since this is on the path of every object behind a wider type. The first type that comes to a slot stays: slots
    // that two threads took from each other would cost more than the table does. Weak, as the table is.
    private static readonly WeakReference<RuntimeCodec>?[] s_quick = new WeakReference<RuntimeCodec>?[1 << 8];

    private readonly Type _type;
    private readonly Codec _codec;

    private RuntimeCodec(Type type)
    {
        _type = type;
        _codec = CodecOf.DeclaredAs(Families.HeadOf(type)).Exact;
    }

    public static Codec Of(Type type) => Of(type, RuntimeHelpers.GetHashCode(type));

    /// <param name="hash">The type's hash by identity, for who has it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Codec Of(Type type, int hash) =>
        s_quick[(byte)hash] is { } quick && quick.TryGetTarget(out var found) && ReferenceEquals(found._type, type)
            ? found._codec
            : Find(type, hash);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Codec Find(Type type, int hash)
    {
        var found = s_known.GetValue(type, static key => new RuntimeCodec(key));
        ref var slot = ref s_quick[(byte)hash];
        if (slot is null || !slot.TryGetTarget(out _))
        {
            Volatile.Write(ref slot, new WeakReference<RuntimeCodec>(found));
        }

        return found._codec;
    }
}
