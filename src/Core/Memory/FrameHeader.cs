using System.Buffers.Binary;

namespace MicroSpark.Memory;

/// <summary>
/// What a frame begins with:
/// <code>count: int32 | length: int32 | ByteHash of the payload, seeded with the count: uint64 | payload</code>
/// All numbers are little-endian. See <see cref="Frame"/>.
/// </summary>
/// <param name="Count">Elements.</param>
/// <param name="Length">Bytes of the payload.</param>
internal readonly record struct FrameHeader(int Count, int Length, ulong Checksum)
{
    /// <summary>The header of a frame, checked for what no writer writes.</summary>
    /// <exception cref="InvalidDataException">The bytes are no header.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        return header.Count is > 0 and <= Frame.MostElements && header.Length >= 0 && header.Length <= Array.MaxLength - Frame.HeaderLength
            ? header
            : throw new InvalidDataException(
                $"A frame says that it has {header.Count} elements in {header.Length} bytes. Expected 1 to {Frame.MostElements} elements.");
    }

    public static FrameHeader Of(int count, ReadOnlySpan<byte> payload) => new(count, payload.Length, Hash(count, payload));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Checksum);
    }

    /// <exception cref="InvalidDataException">The checksum does not hold.</exception>
    public void Check(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Length || Hash(Count, payload) != Checksum)
        {
            throw new InvalidDataException(
                $"The checksum of a frame of {Count} elements in {Length} bytes does not hold ({payload.Length} bytes were read).");
        }
    }

    private static ulong Hash(int count, ReadOnlySpan<byte> payload) => ByteHash.Of(payload, (ulong)count);
}
