using System.Buffers;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Memory;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>What a hostile writer makes: functions among data, which the engine's own writers of data refuse.</summary>
internal static class HostileBytes
{
    /// <summary>A value of the declared type, as <see cref="ValueCodec.Decode{T}"/> takes it.</summary>
    public static byte[] Of<T>(T value) => ValueCodec.Encode(value, CodeSpace.Process, out _, ClosureFunctions.Instance);

    /// <summary>A run of elements without their count, as frames hold it.</summary>
    public static byte[] Run<T>(params T[] elements)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        try
        {
            CodecOf<T>.Instance.WriteRun(ref writer, elements);
            writer.Flush();
            return output.WrittenSpan.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>A frame of elements, its header right.</summary>
    public static Frame Frame<T>(params T[] elements)
    {
        var payload = Run(elements);
        return new Frame(FrameHeader.Of(elements.Length, payload), payload);
    }

    public static byte[] ObjectFile<T>(params T[] elements)
    {
        var file = new MemoryStream();
        ObjectFileFormat.WriteHead(file, ElementShape.Of(typeof(T)));
        file.Write(Frame(elements).ToArray());
        ObjectFileFormat.WriteEnd(file, elements.Length);
        return file.ToArray();
    }
}
