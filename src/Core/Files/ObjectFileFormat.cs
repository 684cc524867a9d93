using System.Buffers.Binary;
using MicroSpark.Memory;

namespace MicroSpark.Files;

/// <summary>
/// A partition's elements as a file:
/// <code>"MSobject" | version: int32 | shape of the elements | frames | 0: int32, 0: int32, elements: int64</code>
/// Frames are those of spilled runs. The end is marked, so that a file that was cut is noticed, and counted.
/// </summary>
internal static class ObjectFileFormat
{
    public const int Version = 1;

    public static ReadOnlySpan<byte> Magic => "MSobject"u8;

    public static void WriteHead(Stream output, ElementShape shape)
    {
        Span<byte> version = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(version, Version);
        output.Write(Magic);
        output.Write(version);
        output.Write(shape.ToBytes());
    }

    /// <exception cref="InvalidDataException">It is no such file, or holds other elements.</exception>
    public static void ReadHead(Stream input, ElementShape wanted)
    {
        Span<byte> head = stackalloc byte[Magic.Length + 4];
        input.ReadExactly(head);
        if (!head.StartsWith(Magic))
        {
            throw new InvalidDataException("it does not begin as one. Expected what SaveAsObjectFileAsync wrote.");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(head[Magic.Length..]) is var version && version != Version)
        {
            throw new InvalidDataException(
                $"it has version {version} and this build reads version {Version}. Read it with the build that wrote it, and save it as "
                + $"text or JSON.");
        }

        var found = ElementShape.Read(input);
        if (found != wanted)
        {
            throw new InvalidDataException(
                found.TypeName == wanted.TypeName
                    ? $"its elements are of a '{found.TypeName}' with other fields. Read it with the type as it was when the file was "
                        + $"written."
                    : $"its elements are '{found.TypeName}' and '{wanted.TypeName}' was asked for. Call ObjectFile<{found.TypeName}>.");
        }
    }

    public static void WriteEnd(Stream output, long count)
    {
        Span<byte> end = stackalloc byte[Frame.HeaderLength];
        end.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(end[8..], count);
        output.Write(end);
    }

    /// <summary>Whether a frame's header is the end of the file.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> header, out long count)
    {
        count = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        return BinaryPrimitives.ReadInt64LittleEndian(header) == 0;
    }
}
