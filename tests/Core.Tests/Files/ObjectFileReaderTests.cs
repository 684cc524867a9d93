using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Memory;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Files;

/// <summary>An object file and a checkpoint come from a disk that others write: any bytes are elements or damage.</summary>
public sealed class ObjectFileReaderTests
{
    [Fact]
    public void Any_bytes_are_an_object_file_or_damage()
    {
        var head = new MemoryStream();
        ObjectFileFormat.WriteHead(head, ElementShape.Of(typeof(string)));
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ValueCodec.EncodeMany<string>(["a", "bc", ""], payload, CodeSpace.Process);
        var elements = payload.WrittenSpan[1..].ToArray();
        head.Write(new Frame(FrameHeader.Of(3, elements), elements).ToArray());
        ObjectFileFormat.WriteEnd(head, 3);
        Mutations.Check(head.ToArray(), Read, 2000);
    }

    private static void Read(byte[] bytes)
    {
        var files = new MemoryFileSystem();
        using var reader = new ObjectFileReader<string>(files.Add("/f", bytes), CodeSpace.Process, files);
        while (reader.Next(10, out _))
        {
        }
    }
}
