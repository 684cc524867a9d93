using System.Buffers;
using MicroSpark.Closures;

namespace MicroSpark.Codecs;

/// <summary>Values of any encodable type as bytes, chosen once per type.</summary>
internal static class ValueCodec
{
    /// <summary>Throws <see cref="NotEncodableException"/> with the path of the first part of <paramref name="type"/> that has no encoding.</summary>
    public static void EnsureEncodable(Type type) => throw new NotImplementedException();

    /// <summary>
    /// Whether values of the type may be handed to another task by reference: deeply immutable, sealed all the way down
    /// (primitives, strings, tuples and readonly structs of such, sealed classes with only readonly fields of such).
    /// </summary>
    public static bool IsShareable(Type type) => throw new NotImplementedException();

    public static byte[] Encode<T>(T value, CodeSpace space) => throw new NotImplementedException();

    public static T Decode<T>(ReadOnlySpan<byte> bytes, CodeSpace space) => throw new NotImplementedException();

    /// <summary>Writes a self-contained run of elements; <see cref="DecodeMany{T}"/> reads it. References are kept within the run.</summary>
    public static void EncodeMany<T>(ReadOnlySpan<T> items, IBufferWriter<byte> output, CodeSpace space) => throw new NotImplementedException();

    public static T[] DecodeMany<T>(ReadOnlySpan<byte> bytes, CodeSpace space) => throw new NotImplementedException();
}

/// <summary>A type, or a value inside one, has no encoding. <see cref="Path"/> says where.</summary>
internal sealed class NotEncodableException(string path, string message) : Exception(message)
{
    public string Path { get; } = path;
}
