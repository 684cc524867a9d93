using System.Buffers;
using System.Reflection;
using MessagePack;
using MessagePack.Formatters;

namespace MicroSpark.Codecs.Leaves;

/// <summary>Values as their own formatter writes them: the count of its bytes, and the bytes. See <see cref="Formatters"/>.</summary>
internal static class Formatted
{
    /// <summary>Nested values of the formatter's own choosing. Never typeless; what was received is not trusted.</summary>
    public static MessagePackSerializerOptions Options { get; } =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    /// <summary>The codec of a type that is not refused.</summary>
    public static Codec CodecFor(Type type, Type formatter)
    {
        var arguments = type.GetCustomAttribute<MessagePackFormatterAttribute>(inherit: false)!.Arguments;
        var codec = type.IsValueType ? typeof(FormattedStructCodec<>) : typeof(FormattedClassCodec<>);
        return CodecRules.Make(codec, [type], Activator.CreateInstance(formatter, arguments)!);
    }

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
}

/// <summary>
/// An object as its formatter writes it. Its identity is kept; what is shared among the parts of two such objects is not.
/// </summary>
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
