using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MicroSpark.Grains.Security;
using MicroSpark.Model;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Each request of the data plane carries a MAC over method, path, the worker it is meant for, the caller, time, nonce and the hash of its
/// body. A MAC per request rather than a session: requests are few and large, so its microsecond does not show, and no state is lost with
/// a connection or a restart. The worker's id is in it because a port outlives the worker that had it. A blob's name is the hash of its
/// content, so for <c>PUT</c> the path already covers the body. The answer is proved by <see cref="ReplyProof"/>, and only to a request
/// that was proved itself: nobody else gets anything by which a guess of the secret could be tested.
/// </summary>
internal sealed class RequestProof(ClusterSecret secret, ReplayGuard replays, TimeProvider time, string caller)
{
    public const string ProofHeader = "X-MicroSpark-Proof";
    public const string WorkerHeader = "X-MicroSpark-Worker";
    public const string CallerHeader = "X-MicroSpark-Caller";
    private const int NonceLength = 16;

    /// <summary>What this process says of itself, for the audit.</summary>
    public string Caller => caller;

    /// <summary>The header's value, and what the answer must prove.</summary>
    public (string Header, ReplyProof Reply) Make(string method, string path, WorkerId worker, ReadOnlySpan<byte> body)
    {
        var at = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceLength));
        var hash = BodyHash(body);
        var keys = secret.Current;
        var mac = keys.MacOf(Request(method, path, worker.Value, caller, at, nonce, hash));
        return ($"{at}.{nonce}.{hash}.{Convert.ToHexStringLower(mac)}", new ReplyProof(keys, nonce));
    }

    /// <summary>
    /// Whether the request proves the secret. Needs no body, so a stranger is turned away before a byte of it is read. The body is compared
    /// with the proof afterwards (<see cref="Covers"/>).
    /// </summary>
    /// <param name="worker">The one that it says it is meant for, and <paramref name="from"/> whom it says it comes from.</param>
    /// <param name="reply">How the answer is proved; null when the request does not prove the secret.</param>
    /// <returns>Null when it does, else why not.</returns>
    public string? Check(string? header, string method, string path, string worker, string from, out ReplyProof? reply)
    {
        reply = null;
        if (!TryParse(header, out var proof) || !long.TryParse(proof.At, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
        {
            return "it carries no proof of the cluster's secret";
        }

        var message = Request(method, path, worker, from, proof.At, proof.Nonce, proof.BodyHash);
        foreach (var (keys, principal) in secret.Known)
        {
            if (CryptographicOperations.FixedTimeEquals(keys.MacOf(message), proof.Mac))
            {
                var problem = replays.Admit(at, Convert.FromHexString(proof.Nonce));
                reply = problem is null ? new ReplyProof(keys, proof.Nonce, principal) : null;
                return problem;
            }
        }

        return "its proof was made with another secret";
    }

    /// <summary>Whether a proof that holds was made for this body.</summary>
    public static bool Covers(string? header, ReadOnlySpan<byte> body) =>
        TryParse(header, out var proof) && proof.BodyHash == BodyHash(body);

    /// <summary>Reads the header's parts; whether they prove anything is for <see cref="Check"/> to say.</summary>
    private static bool TryParse(string? header, out (string At, string Nonce, string BodyHash, byte[] Mac) proof)
    {
        proof = default;
        if (header?.Split('.') is not [var at, { Length: 2 * NonceLength } nonce, var body, { Length: 2 * SecretKeys.ProofLength } mac]
            || !nonce.All(char.IsAsciiHexDigitLower) || !mac.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        proof = (at, nonce, body, Convert.FromHexString(mac));
        return true;
    }

    private static string BodyHash(ReadOnlySpan<byte> body) => body.IsEmpty ? "-" : Convert.ToHexStringLower(SHA256.HashData(body));

    private static string Request(
        string method, string path, string worker, string from, string at, string nonce, string bodyHash) =>
        $"request\n{method}\n{path}\n{worker}\n{from}\n{at}\n{nonce}\n{bodyHash}";
}

/// <summary>
/// Proves the answer to one request, under the key that proved the request and its nonce. So a stranger who took over a dead worker's port
/// cannot answer for it, and one on the way cannot change what it answers:
/// <list type="bullet">
/// <item>the header covers the status, and the hash of a body that is neither of the next two: a list of workers, or an error's
/// text;</item>
/// <item>a blob's content is compared with its name, which is its hash;</item>
/// <item>each message of a stream of blocks carries tags of its own (<see cref="StreamSeal"/>), and the last one is marked.</item>
/// </list>
/// </summary>
/// <param name="asker">Who asks, as his secret says; the cluster's own, when null.</param>
internal sealed class ReplyProof(SecretKeys keys, string nonce, Principal? asker = null)
{
    public Principal Asker { get; } = asker ?? Principal.Cluster;

    public string Make(int status, ReadOnlySpan<byte> body) => Convert.ToHexStringLower(Mac(status, body));

    public bool Check(string? header, int status, ReadOnlySpan<byte> body) =>
        header is { Length: 2 * SecretKeys.ProofLength } && header.All(char.IsAsciiHexDigitLower)
        && CryptographicOperations.FixedTimeEquals(Mac(status, body), Convert.FromHexString(header));

    /// <summary>For the messages of the answer, one time: the key is this answer's alone.</summary>
    public PieceSeal StreamSeal() => new(keys.MacOf($"stream\n{nonce}"));

    private byte[] Mac(int status, ReadOnlySpan<byte> body) => keys.MacOf(
        $"reply\n{nonce}\n{status.ToString(CultureInfo.InvariantCulture)}\n"
        + (body.IsEmpty ? "-" : Convert.ToHexStringLower(SHA256.HashData(body))));
}
