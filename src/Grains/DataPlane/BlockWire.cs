using System.Buffers.Binary;
using System.IO.Hashing;
using MicroSpark.Engine;

namespace MicroSpark.DataPlane;

/// <summary>
/// The bytes of <c>POST /blocks</c>. The request is a lineage (32 bytes), a bucket, a count and that many (partition, attempt). The
/// answer is a stream of frames, each a header and a payload, in the order asked for, closed by an <see cref="End"/> frame:
/// <code>position: int32 | length: int32 | XxHash3 of the payload, seeded with the position: uint64 | payload</code>
/// The seed makes a payload under another position's header as wrong as a flipped bit. All numbers are little-endian.
/// </summary>
internal static class BlockWire
{
    public const int HeaderLength = 16;

    /// <summary>Position of the frame that says the stream is complete.</summary>
    public const int End = -1;

    /// <summary>Position of a frame whose payload is the list of partitions that this worker does not have. Ends the stream.</summary>
    public const int Missing = -2;

    /// <summary>Position of a frame whose payload is a UTF-8 message: a block could not be encoded. Ends the stream.</summary>
    public const int Failed = -3;

    /// <summary>What one request may ask for; a map side has at most this many partitions on one worker.</summary>
    public const int LongestRequest = 64 << 20;

    private const int RequestHeader = 40;
    private const int PartLength = 12;

    /// <param name="skip">Blocks already received before the stream broke.</param>
    public static byte[] EncodeRequest(BlockRequest request, int skip)
    {
        var count = request.Blocks.Count - skip;
        var bytes = new byte[RequestHeader + (count * PartLength)];
        request.Lineage.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), request.Bucket);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), count);
        for (var i = 0; i < count; i++)
        {
            var part = request.Blocks[skip + i];
            var at = bytes.AsSpan(RequestHeader + (i * PartLength));
            BinaryPrimitives.WriteInt32LittleEndian(at, part.Partition);
            BinaryPrimitives.WriteInt64LittleEndian(at[4..], part.Attempt.Value);
        }

        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no request.</exception>
    public static BlockRequest DecodeRequest(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.Length < RequestHeader ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        if (count < 0 || bytes.Length != RequestHeader + ((long)count * PartLength))
        {
            throw new InvalidDataException($"A block request of {bytes.Length} bytes says that it asks for {count} blocks.");
        }

        var parts = new BlockPart[count];
        for (var i = 0; i < count; i++)
        {
            var at = bytes[(RequestHeader + (i * PartLength))..];
            parts[i] = new BlockPart(BinaryPrimitives.ReadInt32LittleEndian(at), new AttemptId(BinaryPrimitives.ReadInt64LittleEndian(at[4..])));
        }

        return new BlockRequest(LineageId.FromHash(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]), parts);
    }

    public static void WriteHeader(Span<byte> destination, int position, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, position);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Checksum(position, payload));
    }

    public static (int Position, int Length, ulong Checksum) ReadHeader(ReadOnlySpan<byte> header) =>
        (BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header[4..]), BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));

    public static ulong Checksum(int position, ReadOnlySpan<byte> payload) => XxHash3.HashToUInt64(payload, position);

    public static byte[] EncodePartitions(IReadOnlyList<int> partitions)
    {
        var bytes = new byte[partitions.Count * sizeof(int)];
        for (var i = 0; i < partitions.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), partitions[i]);
        }

        return bytes;
    }

    public static int[] DecodePartitions(ReadOnlySpan<byte> bytes)
    {
        var partitions = new int[bytes.Length / sizeof(int)];
        for (var i = 0; i < partitions.Length; i++)
        {
            partitions[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        return partitions;
    }
}
