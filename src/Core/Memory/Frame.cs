using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>
/// Elements outside a task's own memory are a sequence of frames, each readable by itself: in a spilled run, in a bucket of a block on
/// disk, and on the wire. A frame is
/// <code>count: int32 | length: int32 | ByteHash of the payload, seeded with the count: uint64 | payload</code>
/// All numbers are little-endian. The payload is the elements one after the other as their codec writes a run; elements that are their
/// memory are copied as they lie, padding included, unless the frame's checksum is to name its content (<see cref="FrameWriter"/>). Shared references are kept within a frame.
/// </summary>
internal readonly record struct Frame(int Count, int Length, ulong Checksum)
{
    public const int HeaderLength = 16;

    /// <summary>A frame never has more elements.</summary>
    public const int MostElements = 64 << 10;

    /// <summary>Nor more of those that are encoded: a writer holds so many objects, and there may be a writer for each of many runs.</summary>
    public const int MostEncoded = 4 << 10;

    /// <summary>
    /// A frame is closed when it has reached so many bytes; only one whose last elements are large is longer. A merge holds a frame of each of
    /// its runs, so a frame is no larger than a disk or a socket needs to be busy.
    /// </summary>
    public const int TargetBytes = 256 << 10;

    /// <summary>The header of a frame, checked for what no writer writes.</summary>
    /// <exception cref="InvalidDataException">The bytes are no header.</exception>
    public static Frame Read(ReadOnlySpan<byte> header)
    {
        var frame = new Frame(
            BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header[4..]), BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));
        return frame.Count is > 0 and <= MostElements && frame.Length >= 0 && frame.Length <= Array.MaxLength - HeaderLength
            ? frame
            : throw new InvalidDataException($"A frame says that it has {frame.Count} elements in {frame.Length} bytes. Expected 1 to {MostElements} elements.");
    }

    public static Frame Of(int count, ReadOnlySpan<byte> payload) => new(count, payload.Length, Hash(count, payload));

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Checksum);
    }

    /// <exception cref="InvalidDataException">The checksum does not hold.</exception>
    public void Check(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Length || Hash(Count, payload) != Checksum)
        {
            throw new InvalidDataException($"The checksum of a frame of {Count} elements in {Length} bytes does not hold ({payload.Length} bytes were read).");
        }
    }

    /// <summary>How many elements go in a frame: of those that are encoded fewer when they are large.</summary>
    public static int ElementsOf<T>() => IsMemory<T>() ? Math.Clamp((TargetBytes - HeaderLength) / Unsafe.SizeOf<T>(), 1, MostElements) : MostEncoded;

    /// <summary>Whether the elements are nothing but their memory.</summary>
    public static bool IsMemory<T>() => !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && CodecOf<T>.Instance is RawCodec<T>;

    private static ulong Hash(int count, ReadOnlySpan<byte> payload) => ByteHash.Of(payload, (ulong)count);
}
