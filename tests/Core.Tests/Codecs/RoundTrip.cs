using System.Buffers;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>Encodes, decodes, and checks on the way that encoding is repeatable.</summary>
internal static class RoundTrip
{
    public static T Of<T>(T value)
    {
        var bytes = ValueCodec.Encode(value, CodeSpace.Process);
        var copy = ValueCodec.Decode<T>(bytes, CodeSpace.Process);
        Assert.Equal(bytes, ValueCodec.Encode(value, CodeSpace.Process));
        return copy;
    }

    /// <summary>As <see cref="Of"/>, for a value of a plan, which may hold functions.</summary>
    public static T OfPlan<T>(T value) => ValueCodec.Decode<T>(
        ValueCodec.Encode(value, CodeSpace.Process, out _, ClosureFunctions.Instance), CodeSpace.Process, ClosureFunctions.Instance);

    public static T[] Many<T>(params T[] items) => ValueCodec.DecodeMany<T>(Encode<T>(items), CodeSpace.Process);

    public static byte[] Encode<T>(ReadOnlySpan<T> items)
    {
        ArrayBufferWriter<byte> output = new();
        ValueCodec.EncodeMany(items, output, CodeSpace.Process);
        return output.WrittenSpan.ToArray();
    }
}
