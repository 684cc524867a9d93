using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>
/// The codec of a type. It is a static of an instantiation over the type, so the codec of a user's type lives and unloads with the
/// type's load context.
/// </summary>
internal static class CodecOf<T>
{
    // A codec asks for other codecs at its first use, and not while it is made. So recursive types need no care here.
    public static readonly Codec<T> Instance = (Codec<T>)CodecRules.Create(typeof(T));
}

/// <summary><see cref="CodecOf{T}"/> for code that holds a <see cref="Type"/> or has a value.</summary>
internal static class CodecOf
{
    // Keyed weakly, and the codecs hold no other context's types: a user's type and its codec go together.
    private static readonly ConditionalWeakTable<Type, Codec> s_declared = [];

    /// <summary>The codec of a field of this type.</summary>
    public static Codec DeclaredAs(Type type) => s_declared.GetValue(
        type, static key => (Codec)typeof(CodecOf<>).MakeGenericType(key).GetField(nameof(CodecOf<>.Instance))!.GetValue(null)!);

    public static void WriteValue<T>(this ref ValueWriter writer, in T value) => CodecOf<T>.Instance.Write(ref writer, in value);

    public static T ReadValue<T>(this ref ValueReader reader)
    {
        CodecOf<T>.Instance.Read(ref reader, out var value);
        return value;
    }
}
