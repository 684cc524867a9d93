using System.Buffers.Binary;
using MicroSpark.Grains.Security;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// The bytes of <c>POST /blocks</c>. All numbers are little-endian.
/// <para>The request:</para>
/// <code>lineage: 32 bytes | bucket: int32 | had: int64 | pack: 0 or 1 | count: int32 | count times (partition, attempt)</code>
/// <c>had</c> is the number of elements of the first block that the reader has already. When many reducers ask for the same blocks, the
/// list is a blob that was sent before. Then the blob's name stands in the lineage's place, and -1 - (the first block wanted) in that of
/// the count. So r reducers do not list m blocks each.
/// <para>The answer is a stream of messages in the order of the request, closed by an <see cref="End"/>. Each carries one frame as on
/// disk:</para>
/// <code>tag: 16 | tag: 16 | position: int32 | sent: int32 | first: int64 | frame: count, length, checksum | payload: sent bytes</code>
/// <c>first</c> is the number of elements of the block before this frame: a broken stream goes on there, and nothing is lost or doubled.
/// The first tag covers the rest of the header, so that no wrong length is believed, and the second one the payload as it is sent: keyed
/// checksums under the answer's own key (<see cref="ReplyProof.StreamSeal"/>), which count the messages too. The frame's own checksum is
/// that of its block, wherever it lay. When fewer bytes are sent than the frame's length, the payload is packed (LZ4).
/// </summary>
internal static class BlockWire
{
    public const int HeaderLength = Before + Frame.HeaderLength;

    /// <summary>What stands before a frame.</summary>
    public const int Before = Numbers + 16;

    /// <summary>Position of the message that says the answer is complete; <c>first</c> is the number of elements in all.</summary>
    public const int End = -1;

    /// <summary>Position of a message whose payload is the list of partitions that this worker does not have. Ends the answer.</summary>
    public const int Missing = -2;

    /// <summary>Position of a message whose payload is a UTF-8 text: a block could not be encoded. Ends the answer.</summary>
    public const int Failed = -3;

    /// <summary>Position of a message that says that a block's elements were not kept. Ends the answer.</summary>
    public const int Unkept = -4;

    /// <summary>What one request may ask for; a map side has at most this many partitions on one worker.</summary>
    public const int LongestRequest = 64 << 20;

    /// <summary>Where the numbers begin, behind the tags.</summary>
    private const int Numbers = 2 * PieceSeal.TagLength;

    private const int LineageLength = 32;
    private const int RequestHeader = 52;
    private const int PartLength = 12;

    /// <param name="from">The first of the blocks that is still wanted.</param>
    /// <param name="skip">Elements of it that the reader has.</param>
    /// <param name="pack">Whether the reader is so far away that packing pays.</param>
    public static byte[] EncodeRequest(BlockRequest request, int from, long skip, bool pack)
    {
        var count = request.Blocks.Count - from;
        var bytes = new byte[RequestHeader + (count * PartLength)];
        request.Lineage.CopyTo(bytes);
        WriteRequest(bytes, request.Bucket, skip, pack, count);
        WriteParts(bytes.AsSpan(RequestHeader), request.Blocks, from);
        return bytes;
    }

    /// <summary>A list of blocks, as a blob.</summary>
    public static byte[] EncodeList(BlockList list)
    {
        var bytes = new byte[LineageLength + (list.Blocks.Count * PartLength)];
        list.Lineage.CopyTo(bytes);
        WriteParts(bytes.AsSpan(LineageLength), list.Blocks, 0);
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no list.</exception>
    public static BlockList DecodeList(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= LineageLength && (bytes.Length - LineageLength) % PartLength == 0
            ? new BlockList(LineageId.FromHash(bytes), ReadParts(bytes[LineageLength..]))
            : throw new InvalidDataException($"A blob of {bytes.Length} bytes is no list of blocks.");

    /// <summary>A request whose list is a blob.</summary>
    public static byte[] EncodeNamed(BlobName list, int bucket, int from, long skip, bool pack)
    {
        var bytes = new byte[RequestHeader];
        list.Hash.CopyTo(bytes);
        WriteRequest(bytes, bucket, skip, pack, -1 - from);
        return bytes;
    }

    /// <summary>False when the request carries its list.</summary>
    public static bool TryDecodeNamed(ReadOnlySpan<byte> bytes, out NamedRequest request)
    {
        var number = bytes.Length == RequestHeader ? BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]) : 0;
        request = number >= 0 ? default : new NamedRequest(
            new BlobName(LineageId.FromHash(bytes)), BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]), -1 - number,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[36..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]) != 0);
        return number < 0;
    }

    /// <exception cref="InvalidDataException">The bytes are no request.</exception>
    public static (BlockRequest Request, long Skip, bool Pack) DecodeRequest(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.Length < RequestHeader ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        if (count < 0 || bytes.Length != RequestHeader + ((long)count * PartLength))
        {
            throw new InvalidDataException($"A block request of {bytes.Length} bytes says that it asks for {count} blocks.");
        }

        return (
            new BlockRequest(
                LineageId.FromHash(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]), ReadParts(bytes[RequestHeader..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]) != 0);
    }

    /// <summary>Writes what stands before a frame, and seals the message; the frame is in its place already.</summary>
    public static void Seal(Span<byte> message, int position, long first, PieceSeal seal)
    {
        var payload = message[HeaderLength..];
        BinaryPrimitives.WriteInt32LittleEndian(message[Numbers..], position);
        BinaryPrimitives.WriteInt32LittleEndian(message[(Numbers + 4)..], payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(message[(Numbers + 8)..], first);
        seal.Seal(message[Numbers..HeaderLength], message);
        seal.Seal(payload, message[PieceSeal.TagLength..]);
    }

    /// <exception cref="InvalidDataException">The header is not as it was sent.</exception>
    public static MessageHeader ReadHeader(ReadOnlySpan<byte> header, PieceSeal seal)
    {
        var numbers = header[Numbers..HeaderLength];
        if (!seal.Opens(numbers, header[..PieceSeal.TagLength]))
        {
            throw new InvalidDataException("The header of a frame is not as it was sent.");
        }

        var message = new MessageHeader(
            BinaryPrimitives.ReadInt32LittleEndian(numbers), BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(numbers[8..]), FrameHeader.Read(header[Before..HeaderLength]));
        return message.Sent >= 0 && message.Sent <= message.Frame.Length
            ? message
            : throw new InvalidDataException($"A frame of {message.Frame.Length} bytes was sent as {message.Sent}.");
    }

    /// <exception cref="InvalidDataException">The payload is not as it was sent.</exception>
    public static void CheckPayload(ReadOnlySpan<byte> message, PieceSeal seal)
    {
        if (!seal.Opens(message[HeaderLength..], message[PieceSeal.TagLength..Numbers]))
        {
            throw new InvalidDataException("The payload of a frame is not as it was sent.");
        }
    }

    /// <summary>A message that is no frame of a block; it is not sealed yet.</summary>
    public static ControlMessage Control(int position, long first, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[HeaderLength + payload.Length];
        payload.CopyTo(bytes.AsSpan(HeaderLength));
        FrameHeader.Of(1, payload).Write(bytes.AsSpan(Before));
        return new ControlMessage(position, first, bytes);
    }

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

    private static void WriteRequest(Span<byte> header, int bucket, long skip, bool pack, int count)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], bucket);
        BinaryPrimitives.WriteInt64LittleEndian(header[36..], skip);
        BinaryPrimitives.WriteInt32LittleEndian(header[44..], pack ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(header[48..], count);
    }

    private static void WriteParts(Span<byte> bytes, IReadOnlyList<BlockPart> parts, int from)
    {
        for (var i = from; i < parts.Count; i++, bytes = bytes[PartLength..])
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, parts[i].Partition);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], parts[i].Attempt.Value);
        }
    }

    private static BlockPart[] ReadParts(ReadOnlySpan<byte> bytes)
    {
        var parts = new BlockPart[bytes.Length / PartLength];
        for (var i = 0; i < parts.Length; i++, bytes = bytes[PartLength..])
        {
            parts[i] = new BlockPart(
                BinaryPrimitives.ReadInt32LittleEndian(bytes), new AttemptId(BinaryPrimitives.ReadInt64LittleEndian(bytes[4..])));
        }

        return parts;
    }
}

/// <summary>A request for a bucket of blocks whose list is a blob.</summary>
/// <param name="From">The first block wanted.</param>
/// <param name="Skip">Elements of it that the reader has.</param>
internal readonly record struct NamedRequest(BlobName List, int Bucket, int From, long Skip, bool Pack);

/// <param name="Position">Which of the blocks asked for, or a control message.</param>
/// <param name="Sent">Bytes that follow.</param>
/// <param name="First">Elements of the block before this frame.</param>
internal readonly record struct MessageHeader(int Position, int Sent, long First, FrameHeader Frame);

/// <param name="Bytes">With room for what <see cref="BlockWire.Seal"/> writes.</param>
internal readonly record struct ControlMessage(int Position, long First, byte[] Bytes);
