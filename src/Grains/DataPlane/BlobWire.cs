using System.Text;
using MicroSpark.Model;
using MicroSpark.Storage;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// The bytes of <c>POST /blobs/{sha}</c>, by which a worker asks for a blob.
/// <para>The request, which the proof covers:</para>
/// <code>why: 0 to 2, as in BlobAsks | the asking worker's id in UTF-8</code>
/// <para>The answer is the blob (200), or ids of others that have it or will, one a line (303). None of them means that this worker does
/// not know it. The reply's proof covers the ids.</para>
/// </summary>
internal static class BlobWire
{
    public const int LongestQuestion = 1024;

    /// <summary>A smaller blob is sent at once: naming others would cost its reader more than it spares.</summary>
    public const int LeastReferred = 64 << 10;

    public static byte[] EncodeQuestion(WorkerId reader, BlobAsks asks) => [(byte)asks, .. Encoding.UTF8.GetBytes(reader.Value)];

    /// <summary>False when the bytes are no question.</summary>
    public static bool TryDecodeQuestion(ReadOnlySpan<byte> bytes, out WorkerId reader, out BlobAsks asks)
    {
        (reader, asks) = (default, default);
        if (bytes.Length < 2 || bytes[0] > (byte)BlobAsks.Insisting)
        {
            return false;
        }

        (reader, asks) = (new WorkerId(Encoding.UTF8.GetString(bytes[1..])), (BlobAsks)bytes[0]);
        return true;
    }

    public static byte[] EncodeOthers(IEnumerable<WorkerId> others) => Encoding.UTF8.GetBytes(string.Join('\n', others));

    public static WorkerId[] DecodeOthers(byte[] bytes) =>
        [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static id => new WorkerId(id))];
}
