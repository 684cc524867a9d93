using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MicroSpark.Grains.Security;
using MicroSpark.Model;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Each request of the data plane carries a MAC over method, path, the worker it is meant for, time, nonce and the hash of its body.
/// A MAC per request rather than a session: requests are few and large, so its microsecond does not show, and no state is lost with
/// a connection or a restart. The worker's id is in it because a port outlives the worker that had it. A blob's name is the hash of
/// its content, so for <c>PUT</c> the path already covers the body. The answer carries a MAC over the nonce and the status, so a
/// stranger who took over a dead worker's port cannot answer for it.
/// </summary>
internal sealed class RequestProof(ClusterSecret secret, ReplayGuard replays, TimeProvider time)
{
    public const string ProofHeader = "X-MicroSpark-Proof";
    public const string WorkerHeader = "X-MicroSpark-Worker";
    private const int NonceLength = 16;

    /// <summary>The header's value, and the nonce that the answer must prove.</summary>
    public (string Header, string Nonce) Make(string method, string path, WorkerId worker, ReadOnlySpan<byte> body)
    {
        var at = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceLength));
        var hash = BodyHash(body);
        return ($"{at}.{nonce}.{hash}.{Convert.ToHexStringLower(Mac(Request(method, path, worker.Value, at, nonce, hash)))}", nonce);
    }

    /// <summary>Reads the header's parts; whether they prove anything is for <see cref="Check"/> to say.</summary>
    public static bool TryParse(string? header, out (string At, string Nonce, string BodyHash, byte[] Mac) proof)
    {
        proof = default;
        if (header?.Split('.') is not [var at, { Length: 2 * NonceLength } nonce, var body, { Length: 2 * ClusterSecret.ProofLength } mac]
            || !nonce.All(char.IsAsciiHexDigitLower) || !mac.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        proof = (at, nonce, body, Convert.FromHexString(mac));
        return true;
    }

    /// <summary>
    /// Null when the request proves the secret, else why not. Needs no body, so a stranger is turned away before a byte of it is read. The
    /// body is compared with the proof afterwards (<see cref="Covers"/>).
    /// </summary>
    public string? Check(string? header, string method, string path, WorkerId worker)
    {
        if (!TryParse(header, out var proof) || !long.TryParse(proof.At, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
        {
            return "it carries no proof of the cluster's secret";
        }

        return CryptographicOperations.FixedTimeEquals(
            Mac(Request(method, path, worker.Value, proof.At, proof.Nonce, proof.BodyHash)), proof.Mac)
            ? replays.Admit(at, Convert.FromHexString(proof.Nonce))
            : "its proof was made with another secret";
    }

    /// <summary>Whether a proof that holds was made for this body.</summary>
    public static bool Covers(string? header, ReadOnlySpan<byte> body) =>
        TryParse(header, out var proof) && proof.BodyHash == BodyHash(body);

    public string MakeReply(string nonce, int status) => Convert.ToHexStringLower(Mac(Reply(nonce, status)));

    public bool CheckReply(string? header, string nonce, int status) =>
        header is { Length: 2 * ClusterSecret.ProofLength } && header.All(char.IsAsciiHexDigitLower)
        && CryptographicOperations.FixedTimeEquals(Mac(Reply(nonce, status)), Convert.FromHexString(header));

    private static string BodyHash(ReadOnlySpan<byte> body) => body.IsEmpty ? "-" : Convert.ToHexStringLower(SHA256.HashData(body));

    private static string Request(string method, string path, string worker, string at, string nonce, string bodyHash) =>
        $"request\n{method}\n{path}\n{worker}\n{at}\n{nonce}\n{bodyHash}";

    private static string Reply(string nonce, int status) => $"reply\n{nonce}\n{status.ToString(CultureInfo.InvariantCulture)}";

    private byte[] Mac(string message)
    {
        var mac = new byte[ClusterSecret.ProofLength];
        secret.ProveRequest(Encoding.UTF8.GetBytes(message), mac);
        return mac;
    }
}
