using System.Buffers;
using MicroSpark.Code;
using MicroSpark.Model;

namespace MicroSpark.Codecs;

/// <summary>
/// Values of any encodable type as bytes, chosen once per type. An encoding is self-contained: it carries the table of the types that
/// its values turned out to have, and the references among them. Equal values built the same way give equal bytes. What is encoded is
/// data: a value that holds a function is refused, and no bytes are read as one.
/// </summary>
internal static class ValueCodec
{
    /// <summary>
    /// Throws <see cref="NotEncodableException"/> with the path of the first part of <paramref name="type"/> that has no encoding.
    /// </summary>
    public static void EnsureEncodable(Type type) => TypeWalk.EnsureEncodable(type);

    /// <summary>
    /// Whether values of the type may be handed to another task by reference. The type must be deeply immutable and sealed all the way
    /// down: primitives, strings, tuples and readonly structs of these, sealed classes with only readonly fields of these.
    /// </summary>
    public static bool IsShareable(Type type) => Shareable.Check(type);

    public static byte[] Encode<T>(T value, CodeSpace space) => Encode(value, space, out _);

    /// <param name="assemblies">The user assemblies that the encoding names: a reader must have loaded them.</param>
    /// <param name="functions">Only for a value of a plan: see <see cref="PlanFunctions"/>.</param>
    public static byte[] Encode<T>(
        T value, CodeSpace space, out IReadOnlyList<AssemblyId> assemblies, PlanFunctions? functions = null)
    {
        ArrayBufferWriter<byte> output = new();
        ValueWriter writer = new(output, space, functions);
        try
        {
            writer.WriteValue(in value);
            writer.Flush();
            assemblies = writer.Assemblies;
            return output.WrittenSpan.ToArray();
        }
        catch (NotEncodableException error) when (error.Path.Length == 0)
        {
            throw error.Below(TypeNames.Of(typeof(T)), value);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <inheritdoc cref="Encode{T}(T, CodeSpace, out IReadOnlyList{AssemblyId}, PlanFunctions?)" path="/param" />
    public static T Decode<T>(ReadOnlySpan<byte> bytes, CodeSpace space, PlanFunctions? functions = null)
    {
        ValueReader reader = new(bytes, space, functions);
        try
        {
            var value = reader.ReadValue<T>();
            reader.Complete();
            return value;
        }
        finally
        {
            reader.Dispose();
        }
    }

    /// <summary>
    /// Writes a self-contained run of elements; <see cref="DecodeMany{T}"/> reads it. References are kept within the run.
    /// </summary>
    /// <returns>The user assemblies that the encoding names: a reader must have loaded them.</returns>
    public static IReadOnlyList<AssemblyId> EncodeMany<T>(ReadOnlySpan<T> items, IBufferWriter<byte> output, CodeSpace space)
    {
        ValueWriter writer = new(output, space);
        try
        {
            writer.WriteVarint((uint)items.Length);
            CodecOf<T>.Instance.WriteRun(ref writer, items);
            writer.Flush();
            return writer.Assemblies;
        }
        catch (NotEncodableException error) when (error.Path.Length == 0)
        {
            throw error.Below(TypeNames.Of(typeof(T)) + "[]", items.ToArray());
        }
        finally
        {
            writer.Dispose();
        }
    }

    public static T[] DecodeMany<T>(ReadOnlySpan<byte> bytes, CodeSpace space)
    {
        ValueReader reader = new(bytes, space);
        try
        {
            var codec = CodecOf<T>.Instance;
            var items = new T[reader.ReadCount(codec.MinBytes)];
            codec.ReadRun(ref reader, items);
            reader.Complete();
            return items;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
