using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MicroSpark;

/// <summary>
/// Names a recipe: the SHA-256 of an operator, its arguments, its closures and the ids of its parents. The same program gives the
/// same id in every process, so results that some client computed before are found again. Written as 64 hexadecimal digits.
/// </summary>
public readonly record struct LineageId(UInt128 High, UInt128 Low) : IComparable<LineageId>
{
    private const int Size = 32;
    private static readonly byte[] s_kept = [.. "microspark kept for "u8];

    /// <summary>Reads an id from the first 32 bytes of a hash.</summary>
    /// <exception cref="ArgumentException">Fewer than 32 bytes were given.</exception>
    public static LineageId FromHash(ReadOnlySpan<byte> hash)
    {
        if (hash.Length < 32)
        {
            throw new ArgumentException($"A lineage id takes 32 bytes; {hash.Length} were given.", nameof(hash));
        }

        return new LineageId(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }

    /// <summary>Writes the 32 bytes of this id to <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination, High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
    }

    /// <summary>Reads the 64 hexadecimal digits that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static LineageId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length != 64)
        {
            throw new FormatException($"A lineage id is 64 hexadecimal digits; found {text.Length} characters.");
        }

        return new LineageId(
            UInt128.Parse(text.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            UInt128.Parse(text.AsSpan(32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Under which somebody's outputs of this recipe are kept: apart from those of everybody else, though the recipe is the same. A hash,
    /// so that nobody can choose a recipe whose outputs would be another's.
    /// </summary>
    /// <param name="owner">Null for the cluster's own secret, whose outputs have the recipe's own id.</param>
    internal LineageId KeptFor(string? owner)
    {
        if (owner is null)
        {
            return this;
        }

        // The id has one length, so no name and id together are another name and id.
        var named = new byte[s_kept.Length + Encoding.UTF8.GetByteCount(owner) + Size];
        s_kept.CopyTo(named);
        Encoding.UTF8.GetBytes(owner, named.AsSpan(s_kept.Length));
        CopyTo(named.AsSpan(named.Length - Size));
        return FromHash(SHA256.HashData(named));
    }

    /// <inheritdoc />
    public int CompareTo(LineageId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <inheritdoc />
    public override string ToString() =>
        High.ToString("x32", CultureInfo.InvariantCulture) + Low.ToString("x32", CultureInfo.InvariantCulture);
}
