using System.Buffers.Binary;
using System.Text;
using MicroSpark.Model;
using MicroSpark.Storage;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// The bytes of <c>POST /blobs/{sha}</c>, by which a worker asks for a blob.
/// <para>The request, which the proof covers:</para>
/// <code>why: 0 to 2, as in BlobAsks | whose plan needs it: a length (two bytes, little-endian, 65,535 for the cluster's own) and UTF-8
/// | the asking worker's id in UTF-8</code>
/// <para>The answer is the blob (200), or ids of others that have it or will, one a line (303). None of them means that this worker does
/// not know it. The reply's proof covers the ids.</para>
/// </summary>
internal static class BlobWire
{
    public const int LongestQuestion = 1024;

    /// <summary>A smaller blob is sent at once: naming others would cost its reader more than it spares.</summary>
    public const int LeastReferred = 64 << 10;

    private const int Head = 1 + sizeof(ushort);
    private const ushort Nobody = ushort.MaxValue;

    public static byte[] EncodeQuestion(WorkerId reader, BlobAsks asks, string? owner)
    {
        var name = Encoding.UTF8.GetBytes(owner ?? "");
        var length = owner is null ? Nobody : checked((ushort)name.Length);
        return [(byte)asks, (byte)length, (byte)(length >> 8), .. name, .. Encoding.UTF8.GetBytes(reader.Value)];
    }

    /// <summary>False when the bytes are no question.</summary>
    public static bool TryDecodeQuestion(ReadOnlySpan<byte> bytes, out WorkerId reader, out BlobAsks asks, out string? owner)
    {
        (reader, asks, owner) = (default, default, null);
        if (bytes.Length <= Head || bytes[0] > (byte)BlobAsks.Insisting)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]);
        var id = bytes[Head..];
        if (length != Nobody)
        {
            if (length >= id.Length)
            {
                return false;
            }

            owner = Encoding.UTF8.GetString(id[..length]);
            id = id[length..];
        }

        (reader, asks) = (new WorkerId(Encoding.UTF8.GetString(id)), (BlobAsks)bytes[0]);
        return true;
    }

    public static byte[] EncodeOthers(IEnumerable<WorkerId> others) => Encoding.UTF8.GetBytes(string.Join('\n', others));

    public static WorkerId[] DecodeOthers(byte[] bytes) =>
        [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static id => new WorkerId(id))];
}
