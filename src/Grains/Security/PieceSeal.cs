using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MicroSpark.Grains.Security;

/// <summary>
/// Tags for the pieces of one stream, in order: AES-GMAC under a key that serves this stream only, with the number of the piece as nonce. A
/// key must never see a number twice, so it is made anew for each connection and each answer. Not for two threads at once.
/// </summary>
internal sealed class PieceSeal(byte[] key) : IDisposable
{
    public const int TagLength = 16;
    private const int NonceLength = 12;

    private readonly AesGcm _mac = new(key, TagLength);
    private readonly byte[] _nonce = new byte[NonceLength];
    private ulong _number;

    /// <summary>Tags the next piece, at the beginning of <paramref name="tag"/>.</summary>
    public void Seal(ReadOnlySpan<byte> piece, Span<byte> tag)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_nonce, _number++);
        _mac.Encrypt(_nonce, [], [], tag[..TagLength], piece);
    }

    /// <summary>Whether it is the next piece, as it was sealed.</summary>
    public bool Opens(ReadOnlySpan<byte> piece, ReadOnlySpan<byte> tag)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_nonce, _number++);
        try
        {
            _mac.Decrypt(_nonce, [], tag, [], piece);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _mac.Dispose();
}
