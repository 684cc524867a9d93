using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>
/// A proof that the caller of one grain method knows the secret: time, nonce and a MAC over both, the target grain and the method. The
/// arguments are not in it. The connection handshake keeps out any attacker who could change them on the wire; without it a captured call
/// could be read anyway. The nonce prevents a second use of a captured proof.
/// </summary>
internal sealed class CallProof(ClusterSecret secret, ReplayGuard replays, TimeProvider time)
{
    public const string ContextKey = "microspark.proof";
    private const int NonceLength = 16;
    private const int HeaderLength = sizeof(long) + NonceLength;

    private static readonly ConcurrentDictionary<MethodInfo, bool> Marked = new();

    public static bool IsRequired(MethodInfo method) => Marked.GetOrAdd(
        method,
        static m => m.IsDefined(typeof(RequiresProofAttribute)) || (m.DeclaringType?.IsDefined(typeof(RequiresProofAttribute)) ?? false));

    public byte[] Make(GrainId target, MethodInfo method)
    {
        var proof = new byte[HeaderLength + ClusterSecret.ProofLength];
        BinaryPrimitives.WriteInt64LittleEndian(proof, time.GetUtcNow().ToUnixTimeMilliseconds());
        RandomNumberGenerator.Fill(proof.AsSpan(sizeof(long), NonceLength));
        Mac(target, method, proof.AsSpan(0, HeaderLength), proof.AsSpan(HeaderLength));
        return proof;
    }

    /// <summary>Null when the proof holds, else why not.</summary>
    public string? Check(GrainId target, MethodInfo method, byte[]? proof)
    {
        if (proof is null || proof.Length != HeaderLength + ClusterSecret.ProofLength)
        {
            return "it carries no proof of the cluster's secret";
        }

        Span<byte> expected = stackalloc byte[ClusterSecret.ProofLength];
        Mac(target, method, proof.AsSpan(0, HeaderLength), expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof.AsSpan(HeaderLength))
            ? replays.Admit(BinaryPrimitives.ReadInt64LittleEndian(proof), proof.AsSpan(sizeof(long), NonceLength))
            : "its proof was made with another secret";
    }

    private void Mac(GrainId target, MethodInfo method, ReadOnlySpan<byte> header, Span<byte> mac)
    {
        var what = Encoding.UTF8.GetBytes($"{target}\n{method.DeclaringType?.FullName}\n{method.Name}\n");
        secret.ProveCall([.. what, .. header], mac);
    }
}
