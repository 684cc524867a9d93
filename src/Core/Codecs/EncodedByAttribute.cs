using System.Reflection;

namespace MicroSpark.Codecs;

/// <summary>Names the codec of a type of MicroSpark's own that is not its fields only: a codec with the same generic parameters.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
internal sealed class EncodedByAttribute(Type codec) : Attribute
{
    public Type Codec { get; } = codec;

    public static Type? CodecFor(Type type) => type.GetCustomAttribute<EncodedByAttribute>(inherit: false)?.Codec;
}
