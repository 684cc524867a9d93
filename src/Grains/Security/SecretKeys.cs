using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The keys made of one secret, one for each use: a proof made for one purpose is worth nothing for another. The secret itself is not kept.
/// </summary>
internal sealed class SecretKeys(ReadOnlySpan<byte> secret)
{
    /// <summary>Of every proof, in bytes.</summary>
    public const int ProofLength = 32;

    private readonly byte[] _connection = Derive(secret, "microspark connection");
    private readonly byte[] _request = Derive(secret, "microspark data plane");
    private readonly byte[] _identity = Derive(secret, "microspark identity");
    private readonly byte[] _call = Derive(secret, "microspark grain call");

    /// <summary>Differs for different secrets and tells nothing of them.</summary>
    public ReadOnlySpan<byte> Identity => _identity;

    /// <summary>Keys for one connection, by HKDF over the secret and all that both ends said and meant.</summary>
    /// <param name="nonces">Those of both ends.</param>
    /// <param name="transcript">What was said so far.</param>
    public SessionKeys Session(ReadOnlySpan<byte> nonces, ReadOnlySpan<byte> transcript)
    {
        Span<byte> keys = stackalloc byte[SessionKeys.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _connection, keys, nonces, [.. "microspark session"u8, .. transcript]);
        return new SessionKeys(keys);
    }

    /// <summary>For the data plane.</summary>
    public byte[] MacOf(string message) => HMACSHA256.HashData(_request, Encoding.UTF8.GetBytes(message));

    public void ProveCall(ReadOnlySpan<byte> message, Span<byte> proof) => HMACSHA256.HashData(_call, message, proof);

    private static byte[] Derive(ReadOnlySpan<byte> secret, string purpose)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, [], Encoding.ASCII.GetBytes(purpose));
        return key;
    }
}

/// <summary>
/// What both ends of one connection know when they know the secret, and nobody else: the proof of each and the key under which each seals
/// what it sends. They differ, so nothing can be sent back to its maker.
/// </summary>
internal sealed class SessionKeys(ReadOnlySpan<byte> keys)
{
    public const int Length = 4 * Part;
    private const int Part = SecretKeys.ProofLength;

    public byte[] CallerProof { get; } = keys[..Part].ToArray();

    public byte[] AnswererProof { get; } = keys[Part..(2 * Part)].ToArray();

    public byte[] CallerKey { get; } = keys[(2 * Part)..(3 * Part)].ToArray();

    public byte[] AnswererKey { get; } = keys[(3 * Part)..Length].ToArray();
}
