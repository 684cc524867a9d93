using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Grains.Security;

/// <summary>
/// A proof that the caller of one grain method knows the secret: time, nonce and a MAC over both, the target grain and the method. On a
/// connection without a handshake it covers the arguments too (<see cref="CallArguments"/>), since whoever is on the way could change them;
/// elsewhere the connection's own seals do. A proof opens its call once: the silo remembers its nonce. Should the grain move to another
/// silo within the window, what a captured call could do there is what it has done: a call of ours may come twice and does no harm when it
/// is repeated.
/// </summary>
/// <param name="covers">Whether the calls of this process must cover their arguments now, and those that come in.</param>
internal sealed class CallProof(ClusterSecret secret, ReplayGuard replays, TimeProvider time, CallArguments arguments, Func<bool> covers)
{
    public const string ContextKey = "microspark.proof";
    private const int NonceLength = 16;
    private const int FlagAt = sizeof(long) + NonceLength;
    private const int HeaderLength = FlagAt + 1;

    private static readonly ConcurrentDictionary<MethodInfo, bool> Marked = new();

    public static bool IsRequired(MethodInfo method) => Marked.GetOrAdd(
        method,
        static m => m.IsDefined(typeof(RequiresProofAttribute)) || (m.DeclaringType?.IsDefined(typeof(RequiresProofAttribute)) ?? false));

    public byte[] Make(GrainId target, MethodInfo method, IInvokable call)
    {
        var proof = new byte[HeaderLength + SecretKeys.ProofLength];
        BinaryPrimitives.WriteInt64LittleEndian(proof, time.GetUtcNow().ToUnixTimeMilliseconds());
        RandomNumberGenerator.Fill(proof.AsSpan(sizeof(long), NonceLength));
        proof[FlagAt] = (byte)(covers() ? 1 : 0);
        secret.Current.ProveCall(Message(target, method, call, proof), proof.AsSpan(HeaderLength));
        return proof;
    }

    /// <summary>Null when the proof holds, else why not.</summary>
    public string? Check(GrainId target, MethodInfo method, IInvokable call, byte[]? proof)
    {
        if (proof is null || proof.Length != HeaderLength + SecretKeys.ProofLength)
        {
            return "it carries no proof of the cluster's secret";
        }

        if (proof[FlagAt] == 0 && covers())
        {
            return "its proof does not cover its arguments, and this host does not secure its connections";
        }

        var message = Message(target, method, call, proof);
        Span<byte> expected = stackalloc byte[SecretKeys.ProofLength];
        foreach (var keys in secret.Accepted)
        {
            keys.ProveCall(message, expected);
            if (CryptographicOperations.FixedTimeEquals(expected, proof.AsSpan(HeaderLength)))
            {
                return replays.Admit(BinaryPrimitives.ReadInt64LittleEndian(proof), proof.AsSpan(sizeof(long), NonceLength));
            }
        }

        return covers() ? "its proof was made with another secret or for other arguments" : "its proof was made with another secret";
    }

    /// <summary>What is proved. It ends with parts of fixed length, so no two calls have the same.</summary>
    private byte[] Message(GrainId target, MethodInfo method, IInvokable call, ReadOnlySpan<byte> proof)
    {
        Span<byte> hash = stackalloc byte[CallArguments.HashLength];
        hash.Clear();
        if (proof[FlagAt] != 0)
        {
            arguments.Hash(call, hash);
        }

        var what = Encoding.UTF8.GetBytes($"{target}\n{method.DeclaringType?.FullName}\n{method.Name}\n");
        return [.. what, .. proof[..HeaderLength], .. hash];
    }
}
