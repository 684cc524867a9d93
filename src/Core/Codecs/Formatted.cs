using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;
using MessagePack.Formatters;

namespace MicroSpark.Codecs;

/// <summary>
/// Types whose author has said how they travel: <c>[MessagePackFormatter(typeof(F))]</c> on the type itself. That is how a type can travel whose fields cannot, such as
/// one that holds a handle or a function. MessagePack's other attributes say what an application's own messages carry, and change nothing here.
/// </summary>
internal static class Formatted
{
    private static readonly ConditionalWeakTable<Type, StrongBox<Type?>> s_known = [];

    /// <summary>Nested values of the formatter's own choosing. Never typeless; what was received is not trusted.</summary>
    public static MessagePackSerializerOptions Options { get; } = MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    /// <summary>The type's formatter; null when it has none, or is plain memory, which travels as it is.</summary>
    public static Type? FormatterOf(Type type) => type.IsInterface || type.IsArray ? null : s_known.GetValue(type, static t => new(Find(t))).Value;

    /// <summary>The codec of a type that is not refused.</summary>
    public static Codec CodecFor(Type type, Type formatter)
    {
        var arguments = type.GetCustomAttribute<MessagePackFormatterAttribute>(inherit: false)!.Arguments;
        var codec = type.IsValueType ? typeof(FormattedStructCodec<>) : typeof(FormattedClassCodec<>);
        return (Codec)Activator.CreateInstance(codec.MakeGenericType(type), Activator.CreateInstance(formatter, arguments))!;
    }

    /// <summary>Why the type is refused although it names a formatter; null when the formatter is one.</summary>
    public static string? RefusalOf(Type type, Type formatter) =>
        typeof(IMessagePackFormatter<>).MakeGenericType(type).IsAssignableFrom(formatter)
            ? null
            : $"its [MessagePackFormatter] names {TypeNames.Of(formatter)}, which is no IMessagePackFormatter<{TypeNames.Of(type)}>. Name one that is, or take the attribute away.";

    public static void Write<T>(IMessagePackFormatter<T> formatter, ref ValueWriter writer, T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var packed = new MessagePackWriter(buffer);
        formatter.Serialize(ref packed, value, Options);
        packed.Flush();
        writer.WriteVarint((uint)buffer.WrittenCount);
        writer.WriteBytes(buffer.WrittenSpan);
    }

    public static T Read<T>(IMessagePackFormatter<T> formatter, ref ValueReader reader)
    {
        var packed = new MessagePackReader(reader.ReadBytes(reader.ReadCount()).ToArray());
        try
        {
            var value = formatter.Deserialize(ref packed, Options);
            return value is null ? throw ValueReader.Corrupt($"{formatter.GetType()} read nothing where a {typeof(T)} was written")
                : packed.End ? value
                : throw ValueReader.Corrupt($"{formatter.GetType()} left bytes of a {typeof(T)} unread");
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException)
        {
            throw ValueReader.Corrupt($"{formatter.GetType()} could not read a {typeof(T)}: {e.Message}");
        }
    }

    private static Type? Find(Type type)
    {
        if (type.GetCustomAttribute<MessagePackFormatterAttribute>(inherit: false)?.FormatterType is not { } formatter || RawLayout.IsRaw(type))
        {
            return null;
        }

        return formatter.IsGenericTypeDefinition && formatter.GetGenericArguments().Length == type.GenericTypeArguments.Length
            ? formatter.MakeGenericType(type.GenericTypeArguments)
            : formatter;
    }
}

/// <summary>An object as its formatter writes it. Its identity is kept; what is shared among the parts of two such objects is not.</summary>
internal sealed class FormattedClassCodec<T>(IMessagePackFormatter<T> formatter) : ClassCodec<T>
    where T : class
{
    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, T value) => Formatted.Write(formatter, ref writer, value);

    protected override T ReadContent(ref ValueReader reader, int number) => Formatted.Read(formatter, ref reader);
}

/// <summary>A struct with references inside, as its formatter writes it.</summary>
internal sealed class FormattedStructCodec<T>(IMessagePackFormatter<T> formatter) : Codec<T>
    where T : struct
{
    public override void Write(ref ValueWriter writer, in T value) => Formatted.Write(formatter, ref writer, value);

    public override void Read(ref ValueReader reader, out T value) => value = Formatted.Read(formatter, ref reader);
}
