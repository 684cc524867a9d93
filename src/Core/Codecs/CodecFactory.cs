using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Codecs.Leaves;

namespace MicroSpark.Codecs;

/// <summary>Chooses the codec of a type, once.</summary>
internal static class CodecFactory
{
    // Keyed weakly, and the codecs hold no other context's types: a user's type and its codec go together.
    private static readonly ConditionalWeakTable<Type, Codec> s_declared = [];
    private static readonly ConditionalWeakTable<Type, Codec> s_runtime = [];

    /// <summary>The codec of a field of this type: <see cref="CodecOf{T}"/> for code that holds a <see cref="Type"/>.</summary>
    public static Codec DeclaredAs(Type type) => s_declared.GetValue(
        type, static key => (Codec)typeof(CodecOf<>).MakeGenericType(key).GetField(nameof(CodecOf<>.Instance))!.GetValue(null)!);

    /// <summary>The codec of an object that says that it is of this type: one for all internal types of a family, such as comparers.</summary>
    public static Codec ForRuntime(Type type) => s_runtime.GetValue(
        type, static key => key == typeof(object) ? new PlainObjectCodec<object>() : DeclaredAs(Families.HeadOf(key)));

    internal static Codec Create(Type type)
    {
        if (Refusals.Of(type) is { } refusal)
        {
            return Make(typeof(RefusedCodec<>), [type], refusal);
        }

        if (Formatted.FormatterOf(type) is { } formatter)
        {
            return Formatted.CodecFor(type, formatter);
        }

        if (KnownTypes.CodecFor(type) is { } codec)
        {
            return Make(codec, type.GenericTypeArguments);
        }

        if (EncodedByAttribute.CodecFor(type) is { } own)
        {
            return Make(own, type.GenericTypeArguments);
        }

        if (!type.IsAbstract && DerivedEncodedByAttribute.CodecFor(type) is { } family)
        {
            return Make(family, [type]);
        }

        if (type.IsArray)
        {
            return type.IsSZArray
                ? Make(typeof(ArrayCodec<>), [type.GetElementType()!])
                : Make(typeof(MatrixCodec<,>), [type, type.GetElementType()!]);
        }

        if (type.IsInterface || type.IsAbstract || type == typeof(object))
        {
            return Make(typeof(AbstractCodec<>), [type]);
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return Make(typeof(DelegateCodec<>), [type]);
        }

        if (typeof(Exception).IsAssignableFrom(type))
        {
            return Make(typeof(ExceptionCodec<>), [type]);
        }

        return RawLayout.IsRaw(type) ? Make(typeof(RawCodec<>), [type])
            : type.IsValueType ? Make(typeof(StructFieldsCodec<>), [type])
            : Make(typeof(ClassFieldsCodec<>), [type]);
    }

    private static Codec Make(Type codec, Type[] arguments, params object[] parameters)
    {
        Type closed = codec.IsGenericTypeDefinition ? codec.MakeGenericType(arguments) : codec;
        const BindingFlags AnyConstructor = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return (Codec)Activator.CreateInstance(closed, AnyConstructor, null, parameters, null)!;
    }
}

/// <summary>Names the codec of a type of MicroSpark's own that is not simply its fields: a <see cref="Codec{T}"/> with the same generic parameters.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
internal sealed class EncodedByAttribute(Type codec) : Attribute
{
    public Type Codec { get; } = codec;

    public static Type? CodecFor(Type type) => type.GetCustomAttribute<EncodedByAttribute>(inherit: false)?.Codec;
}

/// <summary>
/// Names the codec of all types that derive from one of MicroSpark's own, the user's too: a <see cref="Codec{T}"/> whose one generic parameter is the
/// type itself.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
internal sealed class DerivedEncodedByAttribute(Type codec) : Attribute
{
    public Type Codec { get; } = codec;

    public static Type? CodecFor(Type type) => type.GetCustomAttribute<DerivedEncodedByAttribute>(inherit: true)?.Codec;
}

/// <summary>Marks a type of MicroSpark's own that cannot be inside a value, and says why and what to do instead.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class NotEncodableAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
