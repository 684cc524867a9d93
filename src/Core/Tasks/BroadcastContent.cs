using System.Security.Cryptography;
using MicroSpark.Codecs;
using MicroSpark.Model;

namespace MicroSpark.Tasks;

/// <summary>Names an encoded value by content: its pieces, in order. All that a lambda carries of a broadcast.</summary>
internal sealed class BroadcastContent
{
    private const int HashSize = 32;

    public BroadcastContent(IReadOnlyList<BlobName> chunks, IReadOnlyList<int> lengths)
    {
        (Chunks, Lengths) = (chunks, lengths);
        Length = lengths.Sum(static length => (long)length);
        Id = IdOf(chunks);
    }

    /// <summary>The same for every value with the same encoding.</summary>
    public LineageId Id { get; }

    public IReadOnlyList<BlobName> Chunks { get; }

    public IReadOnlyList<int> Lengths { get; }

    /// <summary>Bytes in all pieces.</summary>
    public long Length { get; }

    public static BroadcastContent Of(byte[][] chunks) =>
        new(Array.ConvertAll(chunks, static chunk => BlobName.Of(chunk)), Array.ConvertAll(chunks, static chunk => chunk.Length));

    public void Write(ref ValueWriter writer)
    {
        writer.WriteVarint((uint)Chunks.Count);
        for (var i = 0; i < Chunks.Count; i++)
        {
            Chunks[i].Hash.CopyTo(writer.Claim(HashSize));
            writer.Advance(HashSize);
            writer.WriteVarint((uint)Lengths[i]);
        }
    }

    public static BroadcastContent Read(ref ValueReader reader)
    {
        var count = reader.ReadCount(HashSize + 1);
        var (chunks, lengths) = (new BlobName[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            chunks[i] = new BlobName(LineageId.FromHash(reader.ReadBytes(HashSize)));
            var length = reader.ReadVarint();
            lengths[i] = length <= (uint)Array.MaxLength
                ? (int)length
                : throw ValueReader.Corrupt($"a piece of a broadcast has {length} bytes");
        }

        return new BroadcastContent(chunks, lengths);
    }

    private static LineageId IdOf(IReadOnlyList<BlobName> chunks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[HashSize];
        foreach (var chunk in chunks)
        {
            chunk.Hash.CopyTo(bytes);
            hash.AppendData(bytes);
        }

        return LineageId.FromHash(hash.GetHashAndReset());
    }
}
