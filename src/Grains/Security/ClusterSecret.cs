using System.Security.Cryptography;
using System.Text;
using MicroSpark.Options;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The secret that all processes of a cluster share. It never leaves this object: each use proves it with a key of its own,
/// derived here, so that a proof made for one purpose is worth nothing for another.
/// </summary>
internal sealed class ClusterSecret
{
    public const int ProofLength = 32;

    private readonly byte[] _connectionKey;
    private readonly byte[] _requestKey;
    private readonly byte[] _callKey;

    private ClusterSecret(ReadOnlySpan<byte> secret)
    {
        _connectionKey = Derive(secret, "microspark connection");
        _requestKey = Derive(secret, "microspark data plane");
        _callKey = Derive(secret, "microspark grain call");
    }

    /// <summary>For silos of one process: nobody else ever learns it.</summary>
    public static ClusterSecret Random() => new(RandomNumberGenerator.GetBytes(32));

    public static ClusterSecret Of(string secret) => new(Encoding.UTF8.GetBytes(secret));

    /// <summary>
    /// The secret that the options name: <c>Secret</c>, else the content of <c>SecretFile</c>, which is made when it is missing.
    /// </summary>
    /// <exception cref="InvalidSettingException">The file is readable by others, empty, or cannot be read or made.</exception>
    public static ClusterSecret Of(MicroSparkOptions options) => Of(options.Secret ?? SecretFile.ReadOrCreate(options.SecretFile));

    public void ProveConnection(ReadOnlySpan<byte> message, Span<byte> proof) => HMACSHA256.HashData(_connectionKey, message, proof);

    public void ProveRequest(ReadOnlySpan<byte> message, Span<byte> proof) => HMACSHA256.HashData(_requestKey, message, proof);

    public void ProveCall(ReadOnlySpan<byte> message, Span<byte> proof) => HMACSHA256.HashData(_callKey, message, proof);

    private static byte[] Derive(ReadOnlySpan<byte> secret, string purpose)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, [], Encoding.ASCII.GetBytes(purpose));
        return key;
    }
}
